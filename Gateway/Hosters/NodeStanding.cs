using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Gateway.Hosters;

/// <summary>Whether a node gets work, and why not: of several reasons the one that lasts longest.</summary>
internal sealed record NodeStanding(string State, string? Reason = null, long? Until = null)
{
    /// <param name="node">As Billing knows it.</param>
    /// <param name="live">As a Scheduler knows it; null: it is away.</param>
    public static NodeStanding Of(OwnedNode node, LiveNode? live) => live switch
    {
        _ when live?.Report.CountsBarred == true || node.Counts.Any(counts => counts.Barred > 0) => new("barred", "token_counts"),
        _ when live?.Report.ProbesBarred == true || node.Probes.Any(probes => probes.Barred > 0) => new("barred", "probes"),
        null => new("away"),
        { Report.State.Draining: true } => new("draining"),
        { CoolsUntil: > 0 and var until } => new("cooling_down", live.FailureOutcome.Length > 0 ? live.FailureOutcome : null, (until + 999) / 1000),
        _ => new("live"),
    };
}
