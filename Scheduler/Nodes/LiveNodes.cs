using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Redis;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>Tells how nodes stand, to those whose nodes they are.</summary>
internal sealed class LiveNodes(NodeRegistry registry, NodeStatusStore statuses)
{
    /// <exception cref="RedisUnavailableException">What only Redis knows cannot be told.</exception>
    public async Task<ListNodesReply> ListAsync(IEnumerable<string> nodeIds)
    {
        var (index, now) = (registry.Index, registry.Now);
        var live = nodeIds.Select(nodeId => index.Nodes.GetValueOrDefault(nodeId)).OfType<NodeSnapshot>().Where(node => node.IsLive(now));
        return new ListNodesReply { Nodes = { await Task.WhenAll(live.Select(node => DescribeAsync(node, now))) } };
    }

    private async Task<LiveNode> DescribeAsync(NodeSnapshot node, TimeSpan now)
    {
        var status = await statuses.ReadAsync(node.NodeId);
        return new LiveNode
        {
            Report = node.Report,
            Since = status.Since,
            UptimeMs = (ulong)Math.Max(0, status.Now - status.Since),
            SlotsTaken = status.SlotsTaken,
            Failures = status.Failures,
            FailureOutcome = status.FailureOutcome,
            CoolsUntil = status.CoolsUntil > status.Now ? status.CoolsUntil : 0,
            Measures = { node.Offers.DistinctBy(offer => offer.ModelId).Select(offer => Describe(offer, now)) },
        };
    }

    private static ModelMeasure Describe(NodeOffer offer, TimeSpan now)
    {
        var measure = offer.Node.MeasureOf(offer, now);
        return new ModelMeasure
        {
            ModelId = offer.ModelId,
            TtftMs = measure.TtftMs,
            SlowTtftMs = measure.SlowTtftMs,
            TokensPerSecond = measure.TokensPerSecond,
        };
    }
}
