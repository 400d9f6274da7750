using ComputeShare.Gateway.Authentication;
using Microsoft.AspNetCore.Http.Features;

namespace ComputeShare.Gateway.OpenAI.Models;

/// <summary>GET /v1/models and GET /v1/models/{id}; ids have slashes and colons.</summary>
internal static class ModelsApi
{
    public const string Route = "/v1/models";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Route, Methods, ListAsync);
        routes.MapMethods(Route + "/{**id}", Methods, FindAsync);
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

    private static async Task FindAsync(HttpContext context, string? id, ModelDirectory directory)
    {
        var name = AskedFor(context, id ?? "");
        if (await AllowedAsync(context, directory) is not { } models)
        {
            await context.WriteErrorAsync(OpenAIError.Unavailable);
            return;
        }

        if ((models.FirstOrDefault(model => model.Id == name) ?? models.FirstOrDefault(model => model.Aliases.Contains(name))) is not { } found)
        {
            await context.WriteErrorAsync(OpenAIError.ModelNotFound(name));
            return;
        }

        context.Response.ContentType = "application/json";
        await OpenAIJson.WriteAsync(context.Response.BodyWriter, found, OpenAIJsonContext.Default.Model, context.RequestAborted);
    }

    /// <summary>
    /// The id as the client wrote it, decoded once, or twice where that leaves an escape: the server's own path keeps <c>%2F</c>, and merges
    /// what looks like a relative path.
    /// </summary>
    private static string AskedFor(HttpContext context, string id)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.AsSpan(0, target.IndexOf('?', StringComparison.Ordinal) is var query and >= 0 ? query : target.Length);
        var raw = path.StartsWith(Route + "/", StringComparison.Ordinal) ? path[(Route.Length + 1)..].ToString() : id;
        var name = Uri.UnescapeDataString(raw);
        return name.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(name) : name;
    }

    private static async Task<Model[]?> AllowedAsync(HttpContext context, ModelDirectory directory)
    {
        var caller = context.Caller();
        var models = await directory.ListAsync(context.RequestAborted);
        return models?.Where(model => caller.MayUse(model.Id)).ToArray();
    }
}
