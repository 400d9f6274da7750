using System.Text.Json.Serialization;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ComputeShare.Gateway.Keys;

/// <summary>GET /v1/credits: what the account has.</summary>
internal static class CreditsApi
{
    public const string Route = "/v1/credits";

    public static void MapCredits(this IEndpointRouteBuilder routes) => routes.MapGet(Route, TellAsync);

    private static async Task<EmptyHttpResult> TellAsync(HttpContext context, BillingCalls billing)
    {
        var request = new GetCreditsRequest { AccountId = context.Caller().Record.AccountId };
        var credits = await billing.AskAsync(request.AccountId, (calls, options) => calls.GetCreditsAsync(request, options), context.RequestAborted);
        await KeysJson.WriteAsync(context, CreditsObject.Of(credits), KeysJsonContext.Default.CreditsObject);
        return TypedResults.Empty;
    }
}

/// <param name="BalanceUsd">What was paid in and not spent.</param>
/// <param name="HeldUsd">For requests that run.</param>
/// <param name="AvailableUsd">The rest.</param>
internal sealed record CreditsObject(decimal BalanceUsd, decimal HeldUsd, decimal AvailableUsd)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "credits";

    public static CreditsObject Of(Credits credits) =>
        new(Dollars.Of(credits.Balance), Dollars.Of(credits.Held), Dollars.Of(credits.Balance - credits.Held));
}
