using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes.Relay;

/// <summary>Says again which tunnels end here, all of them side by side.</summary>
internal sealed class RouteRenewer(
    JoinedNodes nodes, TunnelRoutes routes, IOptions<RelayOptions> options, TimeProvider clock, ILogger<RouteRenewer> logger)
    : PeriodicWorker(options.Value.RenewEvery, clock, logger)
{
    public override Task RunOnceAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(nodes.Tunnels.Select(tunnel => routes.AnnounceAsync(tunnel.NodeId, tunnel.Channel.Id)));
}
