using System.Globalization;
using System.Text;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>The bytes of one request, HTTP/1.1 on a connection that stays open.</summary>
/// <param name="IsKnown">The answer is to be <see cref="BenchText"/>; else it is to have some text, its usage and an end.</param>
internal sealed record LoadRequest(byte[] Bytes, int Tokens, bool IsStream, bool IsKnown = true)
{
    private const string Usage = "\"stream_options\":{\"include_usage\":true},";

    /// <param name="model">Of an engine that computes, whose answers are not known; null: the paced engine's.</param>
    public static LoadRequest Of(Uri server, string key, int tokens, bool stream, bool held = false, string? model = null)
    {
        // A node asks its engine for a stream, whatever the client wants: of a whole answer the engine is to give it all at once.
        var seed = held ? PacedEngine.HeldSeed : stream ? PacedEngine.PacedSeed : PacedEngine.InstantSeed;
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"model":"{{model ?? BenchText.Model}}",{{(model is null ? "" : Usage)}}"seed":{{seed}},"stream":{{(stream ? "true" : "false")}},"temperature":0,"max_tokens":{{tokens}},"messages":[{"role":"system","content":"You are brief."},{"role":"user","content":"Go on and on."}]}""");
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n");
        return new LoadRequest(Encoding.UTF8.GetBytes(head + body), tokens, stream, IsKnown: model is null);
    }
}
