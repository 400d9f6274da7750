using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Redis;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>What gateways tell of nodes: known here at once, and to the other Schedulers through Redis.</summary>
internal sealed class NodeDirectory(
    NodeRegistry registry, NodeStateStore store, IOptions<NodeOptions> options, ILogger<NodeDirectory> logger)
{
    /// <exception cref="RedisUnavailableException">This Scheduler knows it, the others do not.</exception>
    public async Task ReportAsync(NodeReport report)
    {
        if (NodeRegistry.IsMalformed(report))
        {
            NodesLog.ReportMalformed(logger);
            return;
        }

        var isNew = !registry.Index.Nodes.ContainsKey(report.State.NodeId);
        if (registry.Apply(report, options.Value.Life))
        {
            if (isNew)
            {
                NodesLog.NodeJoined(logger, report.State.NodeId, report.HosterName, report.State.Slots);
            }

            await store.PutAsync(report, options.Value.Life);
        }
    }

    /// <inheritdoc cref="ReportAsync"/>
    public async Task LeaveAsync(NodeGone gone)
    {
        if (registry.Apply(gone))
        {
            NodesLog.NodeLeft(logger, gone.NodeId);
        }

        // Also where nothing was known here: another Scheduler may have been told of the node.
        await store.DropAsync(gone);
    }
}
