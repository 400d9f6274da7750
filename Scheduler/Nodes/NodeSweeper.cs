namespace ComputeShare.Scheduler.Nodes;

/// <summary>Removes expired nodes once a second. Placement looks at each node's end itself and does not depend on this.</summary>
internal sealed class NodeSweeper(NodeRegistry registry, TimeProvider clock, ILogger<NodeSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var nodeId in registry.Sweep())
            {
                NodesLog.NodeExpired(logger, nodeId);
            }
        }
    }
}
