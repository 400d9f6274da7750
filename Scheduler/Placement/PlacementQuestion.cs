using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Leases;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>What one decision is made from. Used by one decision at a time.</summary>
/// <param name="Request">What the gateway asks for.</param>
/// <param name="Index">The nodes as they are known now.</param>
/// <param name="Now">On the process' monotonic clock.</param>
internal sealed record PlacementQuestion(Reserve Request, NodeIndex Index, TimeSpan Now)
{
    public const string Auto = "auto";

    /// <summary>Fewer are stepped over than it costs to set them aside.</summary>
    public const int WorthParking = 8;

    private const int MostParkedAtOnce = 64;

    private static readonly ProviderPreferences NoPreferences = new();

    /// <summary>Unset means one; more than a lease can hold finds no node.</summary>
    public int Slots { get; } = Request.Slots > LeaseId.MaxSlots ? int.MaxValue : Math.Max(1, (int)Request.Slots);

    public ProviderPreferences Provider { get; } = Request.Provider ?? NoPreferences;

    /// <summary>Nodes that hold a prefix of the prompt, the longest first.</summary>
    public IReadOnlyList<PrefixHolder> Holders { get; init; } = [];

    /// <summary>Nodes without room that a decision had to step over, where they were many.</summary>
    public List<SteppedOver> SteppedOver { get; } = [];

    /// <summary>The part of the prompt that a node holds, 0 to 1.</summary>
    public double HeldBy(string nodeId)
    {
        foreach (var holder in Holders)
        {
            if (holder.NodeId == nodeId)
            {
                return holder.Share;
            }
        }

        return 0;
    }

    /// <param name="node">Has no room.</param>
    /// <param name="order">Where it stood in the way.</param>
    public void StepOver(NodeSnapshot node, OfferOrders order)
    {
        if (SteppedOver.Count < MostParkedAtOnce)
        {
            SteppedOver.Add(new SteppedOver(node.NodeId, order));
        }
    }
}
