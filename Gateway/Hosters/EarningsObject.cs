using System.Globalization;
using System.Text.Json.Serialization;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Keys;

namespace ComputeShare.Gateway.Hosters;

/// <param name="From">The first day, such as 2026-11-01.</param>
/// <param name="To">The last day.</param>
/// <param name="EarnedUsd">Of all rows, told or not: what settlements and corrections of these days booked to escrow.</param>
/// <param name="IsCut">There are more rows than are told; ask for fewer days.</param>
internal sealed record EarningsObject(string From, string To, string EarnedUsd, IReadOnlyList<EarningsRowObject> Data, bool IsCut)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "earnings";

    public static EarningsObject Of(GetEarningsRequest request, EarningsReport report) => new(
        Day(request.From),
        Day(DateTimeOffset.FromUnixTimeMilliseconds(request.To).AddDays(-1).ToUnixTimeMilliseconds()),
        Dollars.Text(report.Earned),
        [.. report.Rows.Select(row => EarningsRowObject.Of(request, row))],
        report.IsCut);

    internal static string Day(long unixMilliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <param name="Day">Of UTC. What the rows are not told apart by is not there.</param>
/// <param name="PromptTokens">The cached ones among them.</param>
/// <param name="Earned">Nano-dollars.</param>
internal sealed record EarningsRowObject(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Day,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Model,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Node,
    long Requests,
    long PromptTokens,
    long CachedTokens,
    long CompletionTokens,
    [property: JsonIgnore] long Earned)
{
    public string EarnedUsd => Dollars.Text(Earned);

    public static EarningsRowObject Of(GetEarningsRequest request, EarningsRow row) => new(
        request.ByDay ? EarningsObject.Day(row.Day) : null,
        request.ByModel ? row.Model : null,
        request.ByNode ? row.NodeId : null,
        row.Requests,
        row.PromptTokens + row.CachedTokens,
        row.CachedTokens,
        row.CompletionTokens,
        row.Earned);
}
