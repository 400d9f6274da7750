using ComputeShare.ServiceDefaults.Workers;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>Removes expired nodes once a second. Placement looks at each node's end itself and does not depend on this.</summary>
internal sealed class NodeSweeper(NodeRegistry registry, TimeProvider clock, ILogger<NodeSweeper> logger)
    : PeriodicWorker(TimeSpan.FromSeconds(1), clock, logger)
{
    public override Task RunOnceAsync(CancellationToken cancellationToken)
    {
        foreach (var nodeId in registry.Sweep())
        {
            NodesLog.NodeExpired(Logger, nodeId);
        }

        return Task.CompletedTask;
    }
}
