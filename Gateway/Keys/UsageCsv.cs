using System.Globalization;
using System.Text;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Keys;

/// <summary>Usage as RFC 4180 has it, for spreadsheets: the same columns always, empty where the rows are not told apart by them.</summary>
internal static class UsageCsv
{
    public const string MediaType = "text/csv";

    private const string Header = "day,key_id,key_name,model,requests,prompt_tokens,cached_tokens,completion_tokens,cost_usd";

    public static Task WriteAsync(HttpContext context, GetUsageRequest request, UsageReport report)
    {
        var text = new StringBuilder(Header).Append("\r\n");
        foreach (var row in report.Rows.Select(row => UsageRowObject.Of(request, row)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Day},{Field(row.KeyId)},{Field(row.KeyName)},{Field(row.Model)},")
                .Append(CultureInfo.InvariantCulture, $"{row.Requests},{row.PromptTokens},{row.CachedTokens},{row.CompletionTokens},{row.CostUsd}\r\n");
        }

        var response = context.Response;
        response.ContentType = MediaType + "; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = "attachment; filename=usage.csv";
        if (report.IsCut)
        {
            response.Headers["x-computeshare-cut"] = "true";
        }

        return response.WriteAsync(text.ToString(), context.RequestAborted);
    }

    private static string Field(string? text)
    {
        // A name that a spreadsheet would run as a formula is made a text.
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text ?? "";
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
