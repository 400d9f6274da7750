using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>One node as of one report. Immutable, but for the views of its slots and failures, which all snapshots of the node share.</summary>
internal sealed class NodeSnapshot
{
    private static readonly NodeLimits NoLimits = new();

    /// <param name="report">As the gateway sent it; not changed afterwards.</param>
    /// <param name="slotView">The node's.</param>
    /// <param name="coolDown">The node's.</param>
    /// <param name="expiresAt">When the node is gone unless it is reported again.</param>
    public NodeSnapshot(NodeReport report, SlotView slotView, CoolDown coolDown, TimeSpan expiresAt)
    {
        Report = report;
        SlotView = slotView;
        CoolDown = coolDown;
        ExpiresAt = expiresAt;
        Offers = [.. Join(report)];
    }

    public NodeReport Report { get; }

    public SlotView SlotView { get; }

    public CoolDown CoolDown { get; }

    /// <summary>On the process' monotonic clock.</summary>
    public TimeSpan ExpiresAt { get; }

    public IReadOnlyList<NodeOffer> Offers { get; }

    public string NodeId => Report.State.NodeId;

    public string Incarnation => Report.State.Incarnation;

    public ulong Sequence => Report.State.Sequence;

    public string HosterId => Report.HosterId;

    public string HosterName => Report.HosterName;

    public uint Slots => Report.State.Slots;

    public bool Draining => Report.State.Draining;

    public NodeLimits Limits => Report.State.Limits ?? NoLimits;

    public bool IsLive(TimeSpan now) => now < ExpiresAt;

    // An offer without a price, or for a model that the node no longer serves, cannot be leased.
    private IEnumerable<NodeOffer> Join(NodeReport report) =>
        from offer in report.Offers
        where offer.ModelId.Length > 0 && offer.Price?.Prices is { Input: >= 0, CachedInput: >= 0, Output: >= 0 }
        let served = report.State.Models.FirstOrDefault(model => model.LocalName == offer.LocalName)
        where served is not null
        select new NodeOffer(this, offer, served);
}
