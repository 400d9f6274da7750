using System.Net.Sockets;
using System.Text;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>A client on a bare socket, for what HttpClient hides: whether the connection closes, and a reader that does not read.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };

    public static async Task<RawClient> AskAsync(Market market, string body, CancellationToken cancellationToken)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync("127.0.0.1", market.Public.Port, cancellationToken);
        var request = $"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {market.Billing.Key}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
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

    public void Dispose() => _socket.Dispose();
}
