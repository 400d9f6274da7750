using System.Globalization;
using System.Text;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>The bytes of one request, HTTP/1.1 on a connection that stays open.</summary>
internal sealed record LoadRequest(byte[] Bytes, int Tokens, bool IsStream)
{
    public static LoadRequest Of(Uri server, string key, int tokens, bool stream, bool held = false)
    {
        var seed = held ? string.Create(CultureInfo.InvariantCulture, $"\"seed\":{PacedEngine.HeldSeed},") : "";
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"model":"{{BenchText.Model}}",{{seed}}"stream":{{(stream ? "true" : "false")}},"temperature":0,"max_tokens":{{tokens}},"messages":[{"role":"system","content":"You are brief."},{"role":"user","content":"Go on and on."}]}""");
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n");
        return new LoadRequest(Encoding.UTF8.GetBytes(head + body), tokens, stream);
    }
}
