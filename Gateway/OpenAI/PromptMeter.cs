using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>Adds up what a prompt is made of, for its size in tokens (DESIGN.md §6: all text parts and tool schemas).</summary>
internal sealed class PromptMeter
{
    private long _bytes;
    private int _messages;
    private int _images;

    public string Text(string text)
    {
        _bytes += Encoding.UTF8.GetByteCount(text);
        return text;
    }

    public void Json(JsonElement value) => _bytes += JsonMarshal.GetRawUtf8Value(value).Length;

    public void Message() => _messages++;

    public void Image() => _images++;

    public PromptSize Size() => PromptSize.OfMessages(_bytes, _messages, _images);
}
