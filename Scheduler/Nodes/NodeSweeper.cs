using ComputeShare.Scheduler.Queueing;
using ComputeShare.ServiceDefaults.Workers;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// Removes expired nodes once a second, and brings parked ones back more often. Placement looks at each node's end itself and does not
/// depend on the first.
/// </summary>
internal sealed class NodeSweeper(NodeRegistry registry, CapacitySignal capacity, TimeProvider clock, ILogger<NodeSweeper> logger)
    : PeriodicWorker(TimeSpan.FromMilliseconds(250), clock, logger)
{
    private const int RoundsPerSweep = 4;

    private int _rounds;

    public override Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (registry.UnparkDue())
        {
            capacity.Raise();
        }

        foreach (var nodeId in ++_rounds % RoundsPerSweep == 0 ? registry.Sweep() : [])
        {
            NodesLog.NodeExpired(Logger, nodeId);
        }

        return Task.CompletedTask;
    }
}
