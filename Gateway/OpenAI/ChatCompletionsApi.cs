using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>POST /v1/chat/completions: bind, validate, hand over.</summary>
internal static class ChatCompletionsApi
{
    public static void MapChatCompletions(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/chat/completions", CompleteAsync);

    private static async Task CompleteAsync(HttpContext context, CompletionPipeline pipeline, TimeProvider clock)
    {
        ChatCompletionRequest request;
        try
        {
            request = await RequestBody.ReadJsonAsync(context.Request, ChatRequestReader.Read, context.RequestAborted);
        }
        catch (RequestRefusedException refused)
        {
            await context.WriteErrorAsync(refused.Error);
            return;
        }

        await pipeline.RunAsync(new CompletionContext(context, context.Caller(), request, clock));
    }
}
