using System.Collections.Frozen;
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
    /// <summary>From a body to a request, for each endpoint; refuses with <see cref="RequestRefusedException"/>.</summary>
    public static readonly FrozenDictionary<string, Func<JsonElement, CompletionRequest>> Readers =
        new Dictionary<string, Func<JsonElement, CompletionRequest>>
        {
            ["/v1/chat/completions"] = ChatRequestReader.Read,
            ["/v1/completions"] = TextCompletionRequestReader.Read,
            ["/v1/embeddings"] = EmbeddingRequestReader.Read,
            ["/v1/responses"] = ResponseRequestReader.Read,
        }.ToFrozenDictionary();

    public static void MapGeneration(this IEndpointRouteBuilder routes)
    {
        foreach (var (path, read) in Readers)
        {
            Map(routes, path, read);
        }
    }

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
