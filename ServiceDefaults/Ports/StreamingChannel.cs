using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>
/// gRPC channels for long streams. They carry no retry and no attempt time-out: a slow first token must not be generated twice
/// (DESIGN.md §5).
/// </summary>
public static class StreamingChannel
{
    /// <summary>The largest message, above the 32 MB limit of an HTTP body.</summary>
    public const int MaxMessageBytes = 48 * 1024 * 1024;

    /// <summary>The largest message that is taken from a node: a stranger must not make its caller find room for more.</summary>
    public const int MaxNodeMessageBytes = 4 * 1024 * 1024;

    // A connection that answers no ping for this long in total is dead; frozen peers are found within 20 s.
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan DefaultPingTimeout = TimeSpan.FromSeconds(5);

    /// <param name="address">Such as <c>http://10.0.0.7:5001</c>.</param>
    /// <param name="connectTimeout">How long one connection attempt may take.</param>
    /// <param name="connect">Makes the connection, where the caller has a say in where to.</param>
    /// <param name="maxReceive">The largest message that is taken.</param>
    public static GrpcChannel Open(
        Uri address,
        TimeSpan connectTimeout,
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null,
        int maxReceive = MaxMessageBytes)
    {
        var handler = Handler(connectTimeout);
        handler.ConnectCallback = connect;
        return Over(handler, address, disposeHandler: true, maxReceive);
    }

    /// <summary>One HTTP/2 connection per address, pinged for as long as it stands.</summary>
    /// <param name="pingTimeout">Default: 5 s. Longer where the link may be slow or away for a moment.</param>
    public static SocketsHttpHandler Handler(TimeSpan connectTimeout, TimeSpan? pingTimeout = null) => new()
    {
        ConnectTimeout = connectTimeout,
        EnableMultipleHttp2Connections = false,
        KeepAlivePingDelay = PingAfter,
        KeepAlivePingTimeout = pingTimeout ?? DefaultPingTimeout,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        UseProxy = false,
        // Nobody who is called has a say in who else is: a node could send its gateway anywhere.
        AllowAutoRedirect = false,
        UseCookies = false,
    };

    /// <param name="disposeHandler">With the channel, which ends its calls; without it, whoever made the handler disposes it.</param>
    public static GrpcChannel Over(HttpMessageHandler handler, Uri address, bool disposeHandler, int maxReceive) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = maxReceive,
            MaxSendMessageSize = MaxMessageBytes,
            DisposeHttpClient = disposeHandler,
            HttpHandler = handler,
        });

    /// <summary>Calls on this invoker carry the secret of the port they go to (<see cref="InternalDoor"/>).</summary>
    public static CallInvoker WithSecret(this ChannelBase channel, string secret) => channel.Intercept(metadata =>
    {
        metadata.Add("authorization", "Bearer " + secret);
        return metadata;
    });
}
