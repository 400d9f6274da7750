using System.Buffers;
using System.Text;
using System.Text.Json;
using ComputeShare.Gateway.Metering;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>Gathers what a prompt is made of, to be counted (docs/metering.md: all text parts and tool schemas).</summary>
internal sealed class PromptMeter
{
    private readonly List<string> _texts = [];
    private int _messages;
    private int _images;

    public string Text(string text)
    {
        _texts.Add(text);
        return text;
    }

    /// <summary>As a node gets it, whatever spaces the caller wrote.</summary>
    public void Json(JsonElement value)
    {
        var written = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(written, OpenAIJson.WriterOptions))
        {
            value.WriteTo(writer);
        }

        _texts.Add(Encoding.UTF8.GetString(written.WrittenSpan));
    }

    public void Message() => _messages++;

    public void Image() => _images++;

    public PromptText Prompt() => PromptText.OfMessages(_texts, _messages, _images);
}
