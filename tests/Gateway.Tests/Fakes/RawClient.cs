using System.Net.Sockets;
using System.Text;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>
/// A client on a bare socket, for what HttpClient hides: whether the connection closes, a reader that does not read, and a traceparent that
/// the telemetry of this process, which is the gateway's too, does not replace.
/// </summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };

    public static Task<RawClient> AskAsync(Market market, string body, CancellationToken cancellationToken, string headers = "") =>
        SendAsync(market, Request(market, body, headers), cancellationToken);

    /// <summary>The bytes of a question, as text.</summary>
    public static string Request(Market market, string body, string headers = "") =>
        $"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {market.Billing.Key}\r\n"
        + $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}";

    /// <param name="request">All its bytes, as text.</param>
    public static async Task<RawClient> SendAsync(Market market, string request, CancellationToken cancellationToken)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync("127.0.0.1", market.Public.Port, cancellationToken);
        await client._socket.SendAsync(Encoding.UTF8.GetBytes(request), cancellationToken);
        return client;
    }

    /// <summary>Reads until the server closes the connection.</summary>
    public async Task<string> ReadToEndAsync(CancellationToken cancellationToken)
    {
        using var stream = new NetworkStream(_socket);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Reads until this text has come.</summary>
    public async Task ReadUntilAsync(string text, CancellationToken cancellationToken)
    {
        var read = new StringBuilder();
        var buffer = new byte[4096];
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await _socket.ReceiveAsync(buffer, cancellationToken);
            Assert.True(count > 0, $"The connection ended before: {read}");
            read.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    public void Dispose() => _socket.Dispose();
}
