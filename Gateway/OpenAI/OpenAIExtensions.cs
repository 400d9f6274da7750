using ComputeShare.Gateway.Generations;
using ComputeShare.Gateway.OpenAI.Document;
using ComputeShare.Gateway.OpenAI.Models;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.OpenAI;

internal static class OpenAIExtensions
{
    public static WebApplicationBuilder AddOpenAI(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = RequestBody.MostBytes);
        builder.Services.AddSingleton<IValidateOptions<BodyOptions>, BodyOptionsValidator>();
        builder.Services.AddOptions<BodyOptions>().BindConfiguration(BodyOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<BodyBudget>();
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
