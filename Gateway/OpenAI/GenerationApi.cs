using System.Text.Json;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Idempotency;
using ComputeShare.Gateway.OpenAI.Chat;
using ComputeShare.Gateway.OpenAI.Embeddings;
using ComputeShare.Gateway.OpenAI.Responses;
using ComputeShare.Gateway.OpenAI.TextCompletions;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>What generates: bind, validate, hand over.</summary>
internal static class GenerationApi
{
    public static void MapGeneration(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/v1/chat/completions", ChatRequestReader.Read);
        Map(routes, "/v1/completions", TextCompletionRequestReader.Read);
        Map(routes, "/v1/embeddings", EmbeddingRequestReader.Read);
        Map(routes, "/v1/responses", ResponseRequestReader.Read);
    }

    /// <param name="routes">Where to.</param>
    /// <param name="path">The endpoint.</param>
    /// <param name="read">From a body to a request; refuses with <see cref="RequestRefusedException"/>.</param>
    private static void Map(IEndpointRouteBuilder routes, string path, Func<JsonElement, CompletionRequest> read) =>
        routes.MapPost(path, (HttpContext context, CompletionPipeline pipeline, IdempotencyGate idempotency, TimeProvider clock) =>
            RunAsync(context, read, pipeline, idempotency, clock));

    private static async Task RunAsync(
        HttpContext context, Func<JsonElement, CompletionRequest> read, CompletionPipeline pipeline, IdempotencyGate idempotency, TimeProvider clock)
    {
        CompletionRequest request;
        using var hash = new BodyHash(context.Request);
        try
        {
            request = await RequestBody.ReadJsonAsync(context.Request, read, context.RequestAborted, hash.Add);
        }
        catch (RequestRefusedException refused)
        {
            await context.WriteErrorAsync(refused.Error);
            return;
        }

        if (await idempotency.EnterAsync(context, hash))
        {
            await pipeline.RunAsync(new CompletionContext(context, context.Caller(), request, clock));
        }
    }
}
