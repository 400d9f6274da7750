using System.Globalization;
using System.Text.Json.Serialization;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Keys;

/// <param name="IsCut">There are more rows than are told; ask for fewer days.</param>
internal sealed record UsageObject(long StartTime, long EndTime, IReadOnlyList<UsageRowObject> Data, bool IsCut)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "usage";

    public static UsageObject Of(GetUsageRequest request, UsageReport report) =>
        new(request.From / 1000, request.To / 1000, [.. report.Rows.Select(row => UsageRowObject.Of(request, row))], report.IsCut);
}

/// <param name="Day">Of UTC, such as 2026-11-25. What the rows are not told apart by is not there.</param>
/// <param name="PromptTokens">The cached ones among them.</param>
internal sealed record UsageRowObject(
    string? Day,
    string? KeyId,
    string? KeyName,
    string? Model,
    long Requests,
    long PromptTokens,
    long CachedTokens,
    long CompletionTokens,
    decimal CostUsd)
{
    public static UsageRowObject Of(GetUsageRequest request, UsageRow row) => new(
        request.ByDay ? DateTimeOffset.FromUnixTimeMilliseconds(row.Day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null,
        request.ByKey ? row.KeyId : null,
        request.ByKey ? row.KeyName : null,
        request.ByModel ? row.Model : null,
        row.Requests,
        row.PromptTokens + row.CachedTokens,
        row.CachedTokens,
        row.CompletionTokens,
        Dollars.Of(row.Amount));
}
