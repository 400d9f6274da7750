using ComputeShare.Gateway.Sessions;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

/// <summary>One <see cref="NodeWatcher"/> per configured node.</summary>
internal sealed class NodeWatchers : BackgroundService
{
    private readonly NodeWatcher[] _watchers;

    public NodeWatchers(
        IOptions<NodesOptions> nodes,
        IHosterChannels channels,
        SchedulerSessions schedulers,
        BillingSessions billing,
        GatewayReplica replica,
        TimeProvider clock,
        ILogger<NodeWatcher> logger)
    {
        _watchers = [.. nodes.Value.Configured.Select(node => new NodeWatcher(node, channels, schedulers, billing, replica, clock, logger))];
        foreach (var scheduler in schedulers.Members)
        {
            scheduler.Session.Connected += ReportAgain;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_watchers.Select(watcher => Task.Run(() => watcher.RunAsync(stoppingToken), CancellationToken.None)));

    private void ReportAgain()
    {
        foreach (var watcher in _watchers)
        {
            watcher.ReportAgain();
        }
    }
}
