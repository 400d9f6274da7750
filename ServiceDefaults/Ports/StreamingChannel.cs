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

    // A connection that answers no ping for this long in total is dead; frozen peers are found within 20 s.
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    /// <param name="address">Such as <c>http://10.0.0.7:5001</c>.</param>
    /// <param name="connectTimeout">How long one connection attempt may take.</param>
    /// <param name="connect">Makes the connection, where the caller has a say in where to.</param>
    public static GrpcChannel Open(
        Uri address,
        TimeSpan connectTimeout,
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = connectTimeout,
            ConnectCallback = connect,
            EnableMultipleHttp2Connections = false,
            KeepAlivePingDelay = PingAfter,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
        };
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
            DisposeHttpClient = true,
            HttpHandler = handler,
        });
    }

    /// <summary>Calls on this invoker carry the secret of the port they go to (<see cref="InternalDoor"/>).</summary>
    public static CallInvoker WithSecret(this ChannelBase channel, string secret) => channel.Intercept(metadata =>
    {
        metadata.Add("authorization", "Bearer " + secret);
        return metadata;
    });
}
