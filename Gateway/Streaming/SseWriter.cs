using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Streaming;

/// <summary>Writes Server-Sent Events straight into the response's pipe. Flushes nothing: its user decides what leaves together.</summary>
internal sealed class SseWriter(PipeWriter output) : IDisposable
{
    // One JSON writer for all events of a stream.
    private readonly Utf8JsonWriter _json = new(output, OpenAIJson.WriterOptions);

    public void WriteEvent<T>(T value, JsonTypeInfo<T> type)
    {
        output.Write("data: "u8);
        _json.Reset(output);
        JsonSerializer.Serialize(_json, value, type);
        _json.Flush();
        output.Write("\n\n"u8);
    }

    /// <summary>An event whose JSON is ready but for one text.</summary>
    public void WriteEvent(ReadOnlySpan<byte> before, string text, ReadOnlySpan<byte> after)
    {
        output.Write("data: "u8);
        output.Write(before);
        _json.Reset(output);
        _json.WriteStringValue(text);
        _json.Flush();
        output.Write(after);
        output.Write("\n\n"u8);
    }

    /// <summary>An event with a type of its own.</summary>
    public void WriteEvent<T>(string name, T value, JsonTypeInfo<T> type)
    {
        output.Write("event: "u8);
        Encoding.UTF8.GetBytes(name, output);
        output.Write("\n"u8);
        WriteEvent(value, type);
    }

    public void WriteDone() => output.Write("data: [DONE]\n\n"u8);

    public void WriteKeepAlive() => output.Write(": keep-alive\n\n"u8);

    public void Dispose() => _json.Dispose();
}
