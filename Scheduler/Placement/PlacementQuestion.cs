using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Leases;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>What one decision is made from.</summary>
/// <param name="Request">What the gateway asks for.</param>
/// <param name="Index">The nodes as they are known now.</param>
/// <param name="Now">On the process' monotonic clock.</param>
internal sealed record PlacementQuestion(Reserve Request, NodeIndex Index, TimeSpan Now)
{
    public const string Auto = "auto";

    /// <summary>Unset means one; more than a lease can hold finds no node.</summary>
    public int Slots { get; } = Request.Slots > LeaseId.MaxSlots ? int.MaxValue : Math.Max(1, (int)Request.Slots);

    public ProviderPreferences Provider { get; } = Request.Provider ?? new ProviderPreferences();
}
