using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;

namespace ComputeShare.Gateway.Generations;

/// <summary>GET /v1/generations/{id}: what one request used and cost, which hoster served it, how it ended.</summary>
internal static class GenerationsApi
{
    private static readonly OpenAIError NotFound = new(
        StatusCodes.Status404NotFound, OpenAIError.InvalidRequest, "No generation of this account has this id.", "generation_not_found", "id");

    public static void MapGenerations(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/generations/{id}", FindAsync);

    private static async Task FindAsync(HttpContext context, string id, GenerationLookUp generations)
    {
        try
        {
            var found = GenerationId.TryParse(id, out var request)
                ? await generations.FindAsync(request, context.Caller().Record.AccountId, context.RequestAborted)
                : null;
            if (found is null)
            {
                await context.WriteErrorAsync(NotFound);
                return;
            }

            context.Response.ContentType = "application/json";
            await OpenAIJson.WriteAsync(context.Response.BodyWriter, found, GenerationJsonContext.Default.GenerationBody, context.RequestAborted);
        }
        catch (SessionLostException)
        {
            await context.WriteErrorAsync(OpenAIError.Unavailable);
        }
    }
}
