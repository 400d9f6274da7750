using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ComputeShare.Gateway.Hosters;

/// <summary>GET /v1/hosters/earnings: what the hoster's nodes were settled for, by model, day and node; as CSV where asked for.</summary>
internal static class EarningsApi
{
    private static readonly string[] Columns =
        ["day", "model", "node", "requests", "prompt_tokens", "cached_tokens", "completion_tokens", "earned_usd"];

    public static void MapEarnings(this IEndpointRouteBuilder hosters) => hosters.MapGet("/earnings", TellAsync);

    private static async Task<EmptyHttpResult> TellAsync(HttpContext context, BillingCalls billing, TimeProvider clock)
    {
        var request = EarningsQuery.Read(context.Request.Query, context.Caller().Record.AccountId, clock.GetUtcNow());
        var asCsv = CsvAnswer.IsWanted(context.Request);
        var report = await billing.AskAsync(request.AccountId, (calls, options) => calls.GetEarningsAsync(request, options), context.RequestAborted);
        var earnings = EarningsObject.Of(request, report);
        if (asCsv)
        {
            await CsvAnswer.WriteAsync(context, "earnings.csv", Columns, earnings.Data.Select(Fields), report.IsCut);
        }
        else
        {
            await KeysJson.WriteAsync(context, earnings, HostersJsonContext.Default.EarningsObject);
        }

        return TypedResults.Empty;
    }

    private static object?[] Fields(EarningsRowObject row) =>
    [
        row.Day, row.Model, row.Node, row.Requests, row.PromptTokens, row.CachedTokens, row.CompletionTokens, Dollars.Of(row.Earned),
    ];
}
