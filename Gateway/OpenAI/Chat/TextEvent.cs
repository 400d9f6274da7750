using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.OpenAI.Chat;

/// <summary>
/// The events of a choice that are content and nothing else: most of a stream. They differ in their text alone, so what is around it is made
/// once, by the serializer that writes the others.
/// </summary>
internal sealed class TextEvent
{
    private readonly byte[] _before;
    private readonly byte[] _after;

    private TextEvent(byte[] before, byte[] after) => (_before, _after) = (before, after);

    /// <param name="chunk">With a content that is empty.</param>
    public static TextEvent Of<T>(T chunk, JsonTypeInfo<T> type)
    {
        var whole = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(whole, OpenAIJson.WriterOptions))
        {
            JsonSerializer.Serialize(json, chunk, type);
        }

        var text = "\"content\":\"\""u8;
        var end = whole.WrittenSpan.LastIndexOf(text) + text.Length;
        return new TextEvent(whole.WrittenSpan[..(end - 2)].ToArray(), whole.WrittenSpan[end..].ToArray());
    }

    public void Write(SseWriter writer, string content) => writer.WriteEvent(_before, content, _after);
}
