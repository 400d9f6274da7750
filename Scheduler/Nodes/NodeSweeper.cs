using ComputeShare.Scheduler.Queueing;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// Removes expired nodes once a second, and brings parked ones back more often. Placement looks at each node's end itself and does not
/// depend on the first.
/// </summary>
internal sealed class NodeSweeper(NodeRegistry registry, CapacitySignal capacity, TimeProvider clock, ILogger<NodeSweeper> logger) : BackgroundService
{
    private const int TicksPerSweep = 4;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        for (var tick = 1; await timer.WaitForNextTickAsync(stoppingToken); tick++)
        {
            if (registry.UnparkDue())
            {
                capacity.Raise();
            }

            foreach (var nodeId in tick % TicksPerSweep == 0 ? registry.Sweep() : [])
            {
                NodesLog.NodeExpired(logger, nodeId);
            }
        }
    }
}
