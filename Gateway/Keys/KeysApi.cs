using System.Text.Json;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.OpenAI;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ComputeShare.Gateway.Keys;

/// <summary>
/// An account makes, changes and ends its own keys: with its management key at <c>/v1/keys</c>, a hoster's at <c>/v1/hosters/keys</c>. What a key
/// is lies with Billing; a key's text is told once, by the call that made it.
/// </summary>
internal static class KeysApi
{
    public const string Route = "/v1/keys";

    private const int DefaultPage = 20;
    private const int LargestPage = 100;

    private static readonly OpenAIError OwnKey = new(
        StatusCodes.Status409Conflict, OpenAIError.InvalidRequest, "This is the key that you call with. Revoke it with another one, or with self=true.", "own_key", "self");

    public static void MapKeys(this IEndpointRouteBuilder routes) => routes.MapKeys(Route, KeyTermsReader.Read);

    /// <param name="routes">Where to.</param>
    /// <param name="route">Their common beginning.</param>
    /// <param name="readTerms">Reads the body of a key's terms.</param>
    public static RouteGroupBuilder MapKeys(this IEndpointRouteBuilder routes, string route, Func<JsonElement, KeyTerms> readTerms)
    {
        var keys = routes.MapGroup(route);
        keys.MapPost("", (HttpContext context, BillingCalls billing) => CreateAsync(context, billing, route, readTerms));
        keys.MapGet("", ListAsync);
        keys.MapGet("/{id}", FindAsync);
        keys.MapPatch("/{id}", (HttpContext context, string id, BillingCalls billing) => ChangeAsync(context, id, billing, readTerms));
        keys.MapDelete("/{id}", RevokeAsync);
        keys.MapPost("/{id}/rotate", RotateAsync);
        return keys;
    }

    private static async Task<EmptyHttpResult> CreateAsync(HttpContext context, BillingCalls billing, string route, Func<JsonElement, KeyTerms> readTerms)
    {
        var terms = await RequestBody.ReadJsonAsync(context.Request, readTerms, context.RequestAborted);
        var account = AccountOf(context);
        var made = await billing.AskAsync(
            account, (calls, options) => calls.CreateKeyAsync(new CreateKeyRequest { AccountId = account, Terms = terms }, options), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"{route}/{made.Key.KeyId}";
        return await WriteAsync(context, KeyObject.Of(made.Key, made.Text));
    }

    private static async Task<EmptyHttpResult> ListAsync(HttpContext context, BillingCalls billing)
    {
        var query = context.Request.Query;
        var account = AccountOf(context);
        var request = new ListKeysRequest
        {
            AccountId = account,
            Limit = (uint)QueryFields.ReadInteger(query, "limit", DefaultPage, 1, LargestPage),
            After = query["after"].ToString(),
            WithRevoked = QueryFields.ReadBoolean(query, "include_revoked"),
        };
        var page = await billing.AskAsync(account, (calls, options) => calls.ListKeysAsync(request, options), context.RequestAborted);
        await KeysJson.WriteAsync(context, new KeyList([.. page.Keys.Select(key => KeyObject.Of(key))], page.HasMore), KeysJsonContext.Default.KeyList);
        return TypedResults.Empty;
    }

    private static async Task<EmptyHttpResult> FindAsync(HttpContext context, string id, BillingCalls billing)
    {
        var request = new AccountKeyRequest { AccountId = AccountOf(context), KeyId = id };
        var key = await billing.AskAsync(request.AccountId, (calls, options) => calls.GetKeyAsync(request, options), context.RequestAborted);
        return await WriteAsync(context, KeyObject.Of(key));
    }

    private static async Task<EmptyHttpResult> ChangeAsync(HttpContext context, string id, BillingCalls billing, Func<JsonElement, KeyTerms> readTerms)
    {
        var terms = await RequestBody.ReadJsonAsync(context.Request, readTerms, context.RequestAborted);
        var request = new ChangeKeyRequest { AccountId = AccountOf(context), KeyId = id, Terms = terms };
        var key = await billing.AskAsync(request.AccountId, (calls, options) => calls.ChangeKeyAsync(request, options), context.RequestAborted);
        return await WriteAsync(context, KeyObject.Of(key));
    }

    private static async Task<EmptyHttpResult> RevokeAsync(HttpContext context, string id, BillingCalls billing)
    {
        // Whoever revokes its last key by mistake has nothing left to make another one with.
        if (id == context.Caller().Record.KeyId && !QueryFields.ReadBoolean(context.Request.Query, "self"))
        {
            throw new RequestRefusedException(OwnKey);
        }

        var request = new AccountKeyRequest { AccountId = AccountOf(context), KeyId = id };
        var key = await billing.AskAsync(request.AccountId, (calls, options) => calls.RevokeKeyAsync(request, options), context.RequestAborted);
        return await WriteAsync(context, KeyObject.Of(key));
    }

    private static async Task<EmptyHttpResult> RotateAsync(HttpContext context, string id, BillingCalls billing)
    {
        // A body is needed only to ask for a grace.
        var grace = context.Request.ContentLength is 0 or null && context.Request.ContentType is null
            ? TimeSpan.Zero
            : await RequestBody.ReadJsonAsync(context.Request, KeyTermsReader.ReadGrace, context.RequestAborted);
        var request = new RotateKeyRequest { AccountId = AccountOf(context), KeyId = id, GraceMs = (ulong)grace.TotalMilliseconds };
        var made = await billing.AskAsync(request.AccountId, (calls, options) => calls.RotateKeyAsync(request, options), context.RequestAborted);
        return await WriteAsync(context, KeyObject.Of(made.Key, made.Text));
    }

    private static string AccountOf(HttpContext context) => context.Caller().Record.AccountId;

    private static async Task<EmptyHttpResult> WriteAsync(HttpContext context, KeyObject key)
    {
        await KeysJson.WriteAsync(context, key, KeysJsonContext.Default.KeyObject);
        return TypedResults.Empty;
    }
}
