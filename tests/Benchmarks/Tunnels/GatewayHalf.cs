using System.Net;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Nodes.Tunnels;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.ServiceDefaults.Tunnels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace ComputeShare.Benchmarks.Tunnels;

/// <summary>
/// The gateway's half, in this process: accepts the tunnel and calls through the gateway's own channel; to compare with, it dials the node
/// as the gateway does a direct one.
/// </summary>
internal sealed class GatewayHalf : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource<TunnelChannel> _tunnel = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GatewayHalf(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<GatewayHalf> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        var half = new GatewayHalf(builder.Build());
        half._app.UseWebSockets();
        half._app.MapGet(TunnelHeaders.Route, half.AcceptAsync);
        await half._app.StartAsync();
        return half;
    }

    public async Task<Inference.InferenceClient> TunnelledAsync(TimeSpan limit) =>
        new((await _tunnel.Task.WaitAsync(limit, TimeProvider.System)).Invoker);

    public static Inference.InferenceClient Direct(Uri address) =>
        new(StreamingChannel.Open(address, TimeSpan.FromSeconds(2), maxReceive: StreamingChannel.MaxNodeMessageBytes).WithSecret(NodeHalf.DialToken));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AcceptAsync(HttpContext context)
    {
        context.Response.Headers[TunnelHeaders.Gateway] = "bench";
        var options = new TunnelOptions();
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { KeepAliveInterval = options.PingEvery, KeepAliveTimeout = options.PingTimeout });
        var channel = new TunnelChannel("bench", NodeHalf.DialToken, new TunnelStream(socket), options, TimeProvider.System);
        // As a gateway does: what makes the node keep the tunnel.
        using var watch = new Inference.InferenceClient(channel.Invoker).Watch(new WatchRequest { Gateway = "bench" });
        await watch.ResponseStream.MoveNext(CancellationToken.None);
        _tunnel.TrySetResult(channel);
        await channel.Ended;
    }
}
