using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.ServiceDefaults.Tunnels;
using Grpc.Core;

namespace ComputeShare.Gateway.Nodes.Tunnels;

/// <summary>To a node that opened a tunnel: HTTP/2 over its WebSocket, in which this gateway is the client.</summary>
internal sealed class TunnelChannel : NodeChannel
{
    // Nothing is looked up under it, but every call must name the same one: another would be another connection, and there is none.
    public static readonly Uri Authority = new("http://node");

    // Calls that found the channel a moment ago may only now begin; on a handler that is disposed they would fail as a defect of ours.
    private static readonly TimeSpan LateCalls = TimeSpan.FromSeconds(5);

    private readonly TunnelStream _stream;
    private readonly SocketsHttpHandler _handler;
    private readonly TimeProvider _clock;
    private int _isTaken;

    public TunnelChannel(string id, string dialToken, TunnelStream stream, TunnelOptions options, TimeProvider clock)
    {
        (Id, _stream, _clock) = (id, stream, clock);
        _handler = StreamingChannel.Handler(options.PingTimeout, options.PingTimeout);
        _handler.ConnectCallback = TakeStream;
        Way = new NodeWay(new HttpMessageInvoker(_handler, disposeHandler: false), Authority, NodeWay.Bearer(dialToken));
        Invoker = StreamingChannel.Over(_handler, Authority, disposeHandler: false, StreamingChannel.MaxNodeMessageBytes).WithSecret(dialToken);
    }

    /// <summary>Of this tunnel, by chance: a route is withdrawn only by the tunnel that announced it.</summary>
    public string Id { get; }

    public override CallInvoker Invoker { get; }

    /// <summary>Calls that another gateway makes go the same way, without a look at what they say.</summary>
    public override NodeWay Way { get; }

    /// <summary>Completes with the tunnel.</summary>
    public Task Ended => _stream.Ended;

    /// <summary>New calls fail after a moment; the connection ends with the last of those that run.</summary>
    public override async Task CloseLaterAsync()
    {
        await Task.Delay(LateCalls, _clock);
        _handler.Dispose();
        if (Volatile.Read(ref _isTaken) == 0)
        {
            // No call ever went through it.
            await _stream.DisposeAsync();
        }
    }

    public async Task CloseAsync(System.Net.WebSockets.WebSocketCloseStatus status, string reason)
    {
        await _stream.CloseAsync(status, reason, _clock);
        _handler.Dispose();
    }

    // A tunnel that broke does not come back: the node opens another.
    private ValueTask<Stream> TakeStream(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _isTaken, 1) == 0
            ? ValueTask.FromResult<Stream>(_stream)
            : throw new HttpRequestException(HttpRequestError.ConnectionError, "The tunnel has ended.");
}
