using System.Net.WebSockets;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.Nodes.Relay;
using ComputeShare.Gateway.Nodes.Tunnels;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Draining;

/// <summary>
/// The order of a gateway's end: nothing new is taken, nodes open tunnels elsewhere, what runs is finished, the tunnels are closed; then
/// the web server stops. Begins before any other service is stopped.
/// </summary>
internal sealed class Drainer(
    Drain drain,
    JoinedNodes nodes,
    TunnelRoutes routes,
    GatewayReplica replica,
    IOptions<DrainOptions> options,
    TimeProvider clock,
    ILogger<Drainer> logger) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var finished = drain.Begin();
        DrainLog.Began(logger, drain.Running);
        routes.AnnounceNoMore();
        var tunnels = nodes.Tunnels.ToArray();
        await Task.WhenAll(tunnels.Select(tunnel => routes.WithdrawAsync(tunnel.NodeId, tunnel.Channel.Id)));
        await Task.WhenAll(tunnels.Select(tunnel => TellAsync(tunnel.Channel)));
        await finished.WaitAsync(options.Value.Limit, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        DrainLog.Ended(logger, drain.Running);
        await nodes.StopWatchingAsync();
        await Task.WhenAll(tunnels.Select(tunnel => tunnel.Channel.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The gateway stops.")));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task TellAsync(TunnelChannel tunnel)
    {
        try
        {
            var deadline = clock.GetUtcNow().UtcDateTime + options.Value.NodesLeaveWithin;
            await new Inference.InferenceClient(tunnel.Invoker).LeaveAsync(new LeaveRequest { Gateway = replica.Name }, deadline: deadline);
        }
        catch (RpcException)
        {
            // It is gone, or slow: it will find out by the end of its tunnel.
        }
    }
}
