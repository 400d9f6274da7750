using ComputeShare.Gateway.Authentication;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>GET /v1/models and GET /v1/models/{id}; ids have slashes.</summary>
internal static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", ListAsync);
        routes.MapGet("/v1/models/{**id}", FindAsync);
    }

    private static async Task ListAsync(HttpContext context, ModelDirectory directory)
    {
        if (await AllowedAsync(context, directory) is not { } models)
        {
            await context.WriteErrorAsync(OpenAIError.Unavailable);
            return;
        }

        context.Response.ContentType = "application/json";
        await OpenAIJson.WriteAsync(context.Response.BodyWriter, new ModelList(models), OpenAIJsonContext.Default.ModelList, context.RequestAborted);
    }

    private static async Task FindAsync(HttpContext context, string id, ModelDirectory directory)
    {
        // Some SDKs send the id's slash as %2F, which routing leaves as it is.
        var name = Uri.UnescapeDataString(id);
        if (await AllowedAsync(context, directory) is not { } models)
        {
            await context.WriteErrorAsync(OpenAIError.Unavailable);
            return;
        }

        if (models.FirstOrDefault(model => model.Id == name) is not { } found)
        {
            await context.WriteErrorAsync(OpenAIError.ModelNotFound(name));
            return;
        }

        context.Response.ContentType = "application/json";
        await OpenAIJson.WriteAsync(context.Response.BodyWriter, found, OpenAIJsonContext.Default.Model, context.RequestAborted);
    }

    private static async Task<Model[]?> AllowedAsync(HttpContext context, ModelDirectory directory)
    {
        var caller = context.Caller();
        var models = await directory.ListAsync(context.RequestAborted);
        return models?.Where(model => caller.MayUse(model.Id)).ToArray();
    }
}
