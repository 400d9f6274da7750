using System.Net.WebSockets;
using ComputeShare.Contracts;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Nodes.Relay;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.ServiceDefaults.Tunnels;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes.Tunnels;

/// <summary>
/// GET /v1/nodes/tunnel: a node opens a WebSocket with its hoster's key, and is called over it. The request lasts as long as the tunnel.
/// </summary>
internal sealed class TunnelApi(
    JoinedNodes nodes,
    TunnelRoutes routes,
    GatewayReplica replica,
    GatewayTelemetry telemetry,
    IOptions<TunnelOptions> options,
    TimeProvider clock,
    ILogger<TunnelApi> logger)
{
    private int _open;

    public async Task AcceptAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _open) > options.Value.Limit)
        {
            Interlocked.Decrement(ref _open);
            await context.WriteErrorAsync(TunnelRefusals.Full);
            return;
        }

        try
        {
            await ClaimAndAcceptAsync(context);
        }
        catch (RequestRefusedException refused)
        {
            await context.WriteErrorAsync(refused.Error);
        }
        catch (SessionLostException)
        {
            await context.WriteErrorAsync(OpenAIError.Unavailable);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task ClaimAndAcceptAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw new RequestRefusedException(TunnelRefusals.NoWebSocket);
        }

        if (TunnelRequest.IsAvoided(context.Request.Headers, replica.Name))
        {
            throw new RequestRefusedException(TunnelRefusals.Avoided);
        }

        var request = TunnelRequest.Read(context.Request.Headers, ByteString.CopyFrom(ApiKey.Hash(context.Caller().Key)));
        var offers = await nodes.ClaimAsync(request.Node, context.RequestAborted);
        context.Response.Headers[TunnelHeaders.Gateway] = replica.Name;
        // A node whose link is away for a moment is no slow reader.
        context.Features.GetRequiredFeature<IHttpMinResponseDataRateFeature>().MinDataRate = null;
        // Without compression: it costs a third of the throughput, and token frames hardly shrink.
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { KeepAliveInterval = options.Value.PingEvery, KeepAliveTimeout = options.Value.PingTimeout });
        await HoldAsync(request, offers, new TunnelStream(socket));
    }

    private async Task HoldAsync(TunnelRequest request, NodeOffers offers, TunnelStream stream)
    {
        var channel = new TunnelChannel(request.TunnelId, request.Node.DialToken, stream, options.Value, clock);
        telemetry.Tunnels.Add(1);
        TunnelLog.Opened(logger, request.Node.Id);
        try
        {
            // The watch is the first call: without one, the death of an idle tunnel would not be seen.
            var watcher = nodes.Watch(request.Node, offers, () => channel);
            await routes.AnnounceAsync(request.Node.Id, channel.Id);
            if (await watcher.FirstReport is { } refusal && refusal != NodeRefusals.Unreachable)
            {
                await channel.CloseAsync(WebSocketCloseStatus.PolicyViolation, refusal.Message);
            }

            await channel.Ended;
        }
        finally
        {
            telemetry.Tunnels.Add(-1);
            TunnelLog.Ended(logger, request.Node.Id);
            await routes.WithdrawAsync(request.Node.Id, channel.Id);
        }
    }
}

internal static class TunnelApiExtensions
{
    public static WebApplication MapTunnels(this WebApplication app)
    {
        var api = app.Services.GetRequiredService<TunnelApi>();
        app.UseWebSockets();
        app.MapGet(TunnelHeaders.Route, api.AcceptAsync).ServedOn(PortRole.Public);
        return app;
    }
}
