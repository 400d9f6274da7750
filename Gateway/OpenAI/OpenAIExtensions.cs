using ComputeShare.Gateway.Generations;
using ComputeShare.Gateway.OpenAI.Document;
using ComputeShare.Gateway.OpenAI.Models;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ComputeShare.Gateway.OpenAI;

internal static class OpenAIExtensions
{
    public static WebApplicationBuilder AddOpenAI(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = RequestBody.MostBytes);
        builder.Services.AddSingleton<ModelDirectory>();
        return builder;
    }

    public static void MapOpenAI(this WebApplication app)
    {
        var routes = app.MapGroup("").ServedOn(PortRole.Public);
        routes.MapGeneration();
        routes.MapModels();
        routes.MapGenerations();
        routes.MapOpenApiDocument();
    }
}
