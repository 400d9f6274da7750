using System.Text.Json.Serialization;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Keys;

namespace ComputeShare.Gateway.Hosters;

/// <summary>A hoster's account; dollars are exact decimal texts.</summary>
/// <param name="Name">Its public name.</param>
/// <param name="EscrowUsd">Earned and not cleared yet.</param>
/// <param name="ClearableUsd">What of it is old enough to clear, once the threshold is met.</param>
/// <param name="ClearedUsd">To be paid out.</param>
/// <param name="PayableUsd">In a payout that is on its way.</param>
/// <param name="PaidOutUsd">In all.</param>
internal sealed record HosterObject(
    string Id,
    string Name,
    string EscrowUsd,
    string ClearableUsd,
    string ClearedUsd,
    string PayableUsd,
    string PaidOutUsd,
    ThresholdObject Threshold)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "hoster";

    public static HosterObject Of(Hoster hoster) => new(
        hoster.AccountId,
        hoster.Name,
        Dollars.Text(hoster.Escrow),
        Dollars.Text(hoster.Clearable),
        Dollars.Text(hoster.Cleared),
        Dollars.Text(hoster.Payable),
        Dollars.Text(hoster.PaidOut),
        ThresholdObject.Of(hoster.Standing));
}

/// <summary>How the hoster stands against the threshold (docs/payouts.md).</summary>
/// <param name="Requests">Settled requests of others within the window.</param>
/// <param name="SuccessRate">0 to 1; null where there is nothing to tell it from.</param>
/// <param name="SuspectNodes">Nodes that the last verdict on token counts or probes was against; none may be.</param>
internal sealed record ThresholdObject(
    bool IsMet,
    long Requests,
    long RequiredRequests,
    decimal? SuccessRate,
    decimal RequiredSuccessRate,
    uint SuspectNodes,
    ulong WindowSeconds,
    ulong AgeSeconds)
{
    public static ThresholdObject Of(ClearingStanding standing) => new(
        standing.IsMet,
        standing.Requests,
        standing.RequiredRequests,
        Hosters.SuccessRate.Of(standing.Requests, standing.Failures, standing.FailedAttempts),
        standing.RequiredSuccessPercent / 100m,
        standing.SuspectNodes,
        standing.WindowMs / 1000,
        standing.AgeMs / 1000);
}
