using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Keys;
using ComputeShare.Gateway.OpenAI.Models;

namespace ComputeShare.Gateway.Hosters;

/// <summary>A model that a node offers.</summary>
/// <param name="Id">What consumers call it.</param>
/// <param name="LocalName">What the node does.</param>
/// <param name="Prices">Dollars per million tokens.</param>
/// <param name="TtftMs">To the first token, as measured lately; null: nobody knows.</param>
/// <param name="TtftP90Ms">Nine of ten are faster.</param>
/// <param name="TokensPerSecond">Of one stream.</param>
internal sealed record NodeModelObject(
    string Id,
    string LocalName,
    bool InCatalogue,
    uint ContextLength,
    string? Quantization,
    PricePerMillion Prices,
    double? TtftMs,
    double? TtftP90Ms,
    double? TokensPerSecond)
{
    public static NodeModelObject Of(Offer offer, LiveNode node)
    {
        var served = node.Report.State.Models.FirstOrDefault(model => model.LocalName == offer.LocalName);
        var measure = node.Measures.FirstOrDefault(measure => measure.ModelId == offer.ModelId);
        var prices = offer.Price?.Prices ?? new Prices();
        return new NodeModelObject(
            offer.ModelId,
            offer.LocalName,
            offer.InCatalogue,
            served?.ContextLength ?? 0,
            served?.Quantization is { Length: > 0 } quantization ? quantization : null,
            new PricePerMillion(Dollars.Text(prices.Input), Dollars.Text(prices.CachedInput), Dollars.Text(prices.Output)),
            Known(measure?.TtftMs),
            Known(measure?.SlowTtftMs),
            Known(measure?.TokensPerSecond));
    }

    private static double? Known(double? measured) => measured > 0 ? Math.Round(measured.Value, 1) : null;
}

/// <summary>How a node's own counts of a model compare with what was counted here.</summary>
/// <param name="Answers">That could be compared.</param>
/// <param name="Ratio">Reported to counted tokens, at the last verdict; null: there was none yet.</param>
/// <param name="Verdict"><c>none</c>, <c>honest</c>, <c>found</c>, or <c>barred</c>: it gets no work.</param>
/// <param name="FoundInRow">Verdicts against it since the last one in its favour.</param>
internal sealed record TokenCountsObject(string Model, ulong Answers, decimal? Ratio, string Verdict, uint FoundInRow, long? BarredAt)
{
    private const decimal Million = 1_000_000;

    public static TokenCountsObject Of(ModelCounts counts) => new(
        counts.ModelId,
        counts.Answers,
        counts.LastPerMillion > 0 ? counts.LastPerMillion / Million : null,
        counts.Barred > 0 ? "barred" : counts.FoundInRow > 0 ? "found" : counts.LastPerMillion > 0 ? "honest" : "none",
        counts.FoundInRow,
        KeyObject.Moment(counts.Barred));
}

/// <summary>What probes of a node's model led to (docs/probes.md). How many there were, and when, is not told.</summary>
/// <param name="Verdict"><c>honest</c>, <c>found</c>, or <c>barred</c>: it gets no work.</param>
/// <param name="FoundInRow">Verdicts against it since the last one in its favour.</param>
/// <param name="Reasons">Of the last verdict, the most frequent first: <c>differs</c>, <c>empty</c>, <c>held_back</c>, <c>repeated</c>.</param>
internal sealed record ProbesObject(string Model, string Verdict, uint FoundInRow, IReadOnlyList<string> Reasons, long? BarredAt)
{
    public static ProbesObject Of(ModelProbes probes) => new(
        probes.ModelId,
        probes.Barred > 0 ? "barred" : probes.FoundInRow > 0 ? "found" : "honest",
        probes.FoundInRow,
        [.. probes.Reasons],
        KeyObject.Moment(probes.Barred));
}

/// <summary>As the node reads it; 0 and null: it cannot.</summary>
internal sealed record GpuObject(
    string Name,
    ulong MemoryBytes,
    ulong MemoryUsedBytes,
    string? Driver,
    string? ComputeCapability,
    uint UtilizationPercent,
    uint TemperatureCelsius,
    double PowerWatts)
{
    public static GpuObject Of(Gpu gpu) => new(
        gpu.Name,
        gpu.MemoryBytes,
        gpu.MemoryUsedBytes,
        gpu.Driver.Length > 0 ? gpu.Driver : null,
        gpu.ComputeCapability.Length > 0 ? gpu.ComputeCapability : null,
        gpu.Utilization,
        gpu.TemperatureCelsius,
        Math.Round(gpu.PowerWatts, 1));
}
