using System.Text;
using System.Text.Json;

namespace ComputeShare.Gateway.Probes;

/// <summary>Reads an answer's text and likelihoods from what a client would have got: one object, or a stream of events.</summary>
internal sealed class ProbeAnswerReader
{
    private static ReadOnlySpan<byte> Data => "data: "u8;

    private static ReadOnlySpan<byte> Done => "[DONE]"u8;

    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _content = new();

    public string Text => _reasoning.ToString() + _content;

    public bool HasReasoning => _reasoning.Length > 0;

    public bool IsCut { get; private set; }

    public List<ProbeToken> Tokens { get; } = [];

    public static ProbeAnswerReader Read(ReadOnlyMemory<byte> body, bool isStreamed)
    {
        var reader = new ProbeAnswerReader();
        if (!isStreamed)
        {
            reader.Take(body, "message");
            return reader;
        }

        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (line.Span.StartsWith(Data) && !line.Span[Data.Length..].StartsWith(Done))
            {
                reader.Take(line[Data.Length..], "delta");
            }
        }

        return reader;
    }

    private void Take(ReadOnlyMemory<byte> json, string part)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var choice in document.RootElement.GetProperty("choices").EnumerateArray())
        {
            var said = choice.GetProperty(part);
            _content.Append(Text(said, "content"));
            _reasoning.Append(Text(said, "reasoning_content"));
            IsCut |= Text(choice, "finish_reason") == "length";
            if (choice.TryGetProperty("logprobs", out var logprobs) && logprobs.ValueKind == JsonValueKind.Object)
            {
                Tokens.AddRange(logprobs.GetProperty("content").EnumerateArray().Select(Token));
            }
        }

        static string? Text(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static ProbeToken Token(JsonElement token) => new(
        Bytes(token), token.GetProperty("logprob").GetDouble(), [.. token.GetProperty("top_logprobs").EnumerateArray().Select(top => (Bytes(top), top.GetProperty("logprob").GetDouble()))]);

    // The bytes are a token's own: its text cannot say what part of a character it is. Some engines give none.
    private static byte[] Bytes(JsonElement token)
    {
        var bytes = token.GetProperty("bytes");
        return bytes.ValueKind == JsonValueKind.Array && bytes.GetArrayLength() > 0
            ? [.. bytes.EnumerateArray().Select(value => (byte)value.GetInt32())]
            : Encoding.UTF8.GetBytes(token.GetProperty("token").GetString() ?? "");
    }
}
