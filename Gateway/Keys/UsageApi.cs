using ComputeShare.Gateway.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ComputeShare.Gateway.Keys;

/// <summary>
/// GET /v1/usage: what settled requests used and cost, by key, model and day; as CSV where asked for. A management key sees its account, a
/// consumer's key itself.
/// </summary>
internal static class UsageApi
{
    public const string Route = "/v1/usage";

    public static void MapUsage(this IEndpointRouteBuilder routes) => routes.MapGet(Route, TellAsync);

    private static async Task<EmptyHttpResult> TellAsync(HttpContext context, BillingCalls billing, TimeProvider clock)
    {
        var request = UsageQuery.Read(context.Request.Query, context.Caller().Record, clock.GetUtcNow());
        var asCsv = CsvAnswer.IsWanted(context.Request);
        var report = await billing.AskAsync(request.AccountId, (calls, options) => calls.GetUsageAsync(request, options), context.RequestAborted);
        if (asCsv)
        {
            await UsageCsv.WriteAsync(context, request, report);
        }
        else
        {
            await KeysJson.WriteAsync(context, UsageObject.Of(request, report), KeysJsonContext.Default.UsageObject);
        }

        return TypedResults.Empty;
    }
}
