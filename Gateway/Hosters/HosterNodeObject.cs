using System.Text.Json.Serialization;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Keys;

namespace ComputeShare.Gateway.Hosters;

/// <summary>A node as its hoster sees it. What only a live node says is null or empty where it is away; moments are Unix seconds.</summary>
/// <param name="State"><c>live</c>, <c>draining</c>, <c>cooling_down</c>, <c>barred</c> or <c>away</c>.</param>
/// <param name="Reason">Why it gets no work: how its last attempt failed, <c>token_counts</c> or <c>probes</c>.</param>
/// <param name="Until">When a cool-down ends.</param>
/// <param name="Since">Since when this process of the node has been here without a break.</param>
/// <param name="CreatedAt">When the node first registered.</param>
/// <param name="Requests">Settled ones within the threshold's window, as <paramref name="SuccessRate"/> and <paramref name="EarnedUsd"/>.</param>
/// <param name="SuccessRate">0 to 1, of others' requests; null where there are none.</param>
/// <param name="TokenCounts">How its own counts compare with what was counted here.</param>
/// <param name="Probes">What its answers were judged by; of models of which there was a verdict.</param>
internal sealed record HosterNodeObject(
    string Id,
    string State,
    string? Reason,
    long? Until,
    long? Since,
    long? UptimeSeconds,
    long CreatedAt,
    string? Version,
    string? Engine,
    string? EngineVersion,
    NodeSlotsObject? Slots,
    IReadOnlyList<NodeModelObject> Models,
    long Requests,
    decimal? SuccessRate,
    string EarnedUsd,
    IReadOnlyList<TokenCountsObject> TokenCounts,
    IReadOnlyList<ProbesObject> Probes,
    IReadOnlyList<GpuObject> Gpus)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "hoster.node";

    /// <param name="node">As Billing knows it.</param>
    /// <param name="live">As a Scheduler knows it; null: it is away.</param>
    public static HosterNodeObject Of(OwnedNode node, LiveNode? live)
    {
        var standing = NodeStanding.Of(node, live);
        var state = live?.Report.State;
        return new HosterNodeObject(
            node.NodeId,
            standing.State,
            standing.Reason,
            standing.Until,
            live is null ? null : live.Since / 1000,
            (long?)(live?.UptimeMs / 1000),
            node.Created / 1000,
            Text(state?.NodeVersion),
            Text(state?.Engine),
            Text(state?.EngineVersion),
            live is null ? null : new NodeSlotsObject(live.Report.State.Slots, live.Report.State.Slots - Math.Min(live.SlotsTaken, live.Report.State.Slots)),
            live is null ? [] : [.. live.Report.Offers.Select(offer => NodeModelObject.Of(offer, live))],
            node.Requests,
            Hosters.SuccessRate.Of(node.OthersRequests, node.Failures, node.FailedAttempts),
            Dollars.Text(node.Earned),
            [.. node.Counts.Select(TokenCountsObject.Of)],
            [.. node.Probes.Select(ProbesObject.Of)],
            state is null ? [] : [.. state.Gpus.Select(GpuObject.Of)]);
    }

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

internal sealed record NodeSlotsObject(uint Total, uint Free);

internal sealed record HosterNodeList(IReadOnlyList<HosterNodeObject> Data, bool HasMore)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "list";

    public string? FirstId => Data.Count > 0 ? Data[0].Id : null;

    public string? LastId => Data.Count > 0 ? Data[^1].Id : null;
}
