using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Keys;

/// <summary>Usage for spreadsheets: the same columns always, empty where the rows are not told apart by them.</summary>
internal static class UsageCsv
{
    private static readonly string[] Columns =
        ["day", "key_id", "key_name", "model", "requests", "prompt_tokens", "cached_tokens", "completion_tokens", "cost_usd"];

    public static Task WriteAsync(HttpContext context, GetUsageRequest request, UsageReport report) => CsvAnswer.WriteAsync(
        context,
        "usage.csv",
        Columns,
        report.Rows.Select(row => UsageRowObject.Of(request, row)).Select(row => new object?[]
        {
            row.Day, row.KeyId, row.KeyName, row.Model, row.Requests, row.PromptTokens, row.CachedTokens, row.CompletionTokens, row.CostUsd,
        }),
        report.IsCut);
}
