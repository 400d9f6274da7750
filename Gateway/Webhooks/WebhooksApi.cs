using System.Text.Json.Serialization;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Keys;
using ComputeShare.Gateway.OpenAI;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Webhooks;

/// <summary>
/// <c>POST /v1/webhooks/{provider}</c>: what a payment provider sends, handed to Billing as it came, because its signature is over these
/// bytes. The signature is the key. The route is there only for providers that are configured; nothing of a body is ever logged.
/// </summary>
internal static class WebhooksApi
{
    public const string Route = "/v1/webhooks";

    /// <summary>Where each provider puts its signature.</summary>
    public static readonly IReadOnlyDictionary<string, string> SignatureHeaders = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["stripe"] = "Stripe-Signature",
    };

    // Many times what an event has, and small enough that anybody may send it.
    private const int MostBytes = 256 * 1024;
    private const int MostSignatureLength = 4096;

    private static readonly OpenAIError TooLarge = new(
        StatusCodes.Status413PayloadTooLarge, OpenAIError.InvalidRequest, "The request's body is too large; at most 256 KB are accepted.", "request_too_large");

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        foreach (var provider in routes.ServiceProvider.GetRequiredService<IOptions<WebhookOptions>>().Value.Providers)
        {
            routes.MapPost($"{Route}/{provider}", (HttpContext context, BillingCalls billing) => HandOnAsync(context, provider, billing));
        }
    }

    private static async Task<EmptyHttpResult> HandOnAsync(HttpContext context, string provider, BillingCalls billing)
    {
        var signature = context.Request.Headers[SignatureHeaders[provider]].ToString();
        if (signature.Length is 0 or > MostSignatureLength)
        {
            throw new RequestRefusedException(OpenAIError.Invalid($"The header {SignatureHeaders[provider]} is missing or too long."));
        }

        var body = await RequestBody.ReadAsync(
            context.Request, context.Request.Body, MostBytes, TooLarge, bytes => ByteString.CopyFrom(bytes.Span), context.RequestAborted);
        var request = new WebhookRequest { Provider = provider, Signature = signature, Body = body };
        var reply = await billing.AskAsync(provider, (calls, options) => calls.AcceptWebhookAsync(request, options), context.RequestAborted);
        context.Response.ContentType = "application/json";
        await OpenAIJson.WriteAsync(
            context.Response.BodyWriter, new WebhookTaken("webhook", reply.Outcome), WebhooksJsonContext.Default.WebhookTaken, context.RequestAborted);
        return TypedResults.Empty;
    }
}

/// <param name="Object">Always <c>webhook</c>.</param>
/// <param name="Outcome">As Billing said: <c>booked</c>, <c>duplicate</c> …</param>
internal sealed record WebhookTaken(string Object, string Outcome);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WebhookTaken))]
internal sealed partial class WebhooksJsonContext : JsonSerializerContext;
