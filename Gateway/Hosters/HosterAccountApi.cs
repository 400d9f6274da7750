using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ComputeShare.Gateway.Hosters;

/// <summary>GET /v1/hosters/me: what the hoster has, and how it stands against the threshold.</summary>
internal static class HosterAccountApi
{
    public static void MapHosterAccount(this IEndpointRouteBuilder hosters) => hosters.MapGet("/me", TellAsync);

    private static async Task<EmptyHttpResult> TellAsync(HttpContext context, BillingCalls billing)
    {
        var request = new GetHosterRequest { AccountId = context.Caller().Record.AccountId };
        var hoster = await billing.AskAsync(request.AccountId, (calls, options) => calls.GetHosterAsync(request, options), context.RequestAborted);
        await KeysJson.WriteAsync(context, HosterObject.Of(hoster), HostersJsonContext.Default.HosterObject);
        return TypedResults.Empty;
    }
}
