using ComputeShare.HosterNode.Engines.OpenAI.Discovery;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.OpenAI;

internal static class OpenAIEngineExtensions
{
    public static void AddOpenAIEngine(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<OpenAIEngineOptions>, OpenAIEngineOptionsValidator>();
        builder.Services.AddOptions<OpenAIEngineOptions>().BindConfiguration(OpenAIEngineOptions.Section).ValidateOnStart();
        builder.Services.AddEngineProbe();
        builder.Services.AddSingleton<EngineMonitor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EngineMonitor>());
        builder.Services.AddHealthChecks().AddCheck<EngineHealthCheck>("engine");
        builder.Services.AddSingleton<IInferenceEngine, OpenAIEngine>();
    }

    /// <summary>What asks an engine who it is, also before there is a node.</summary>
    public static IServiceCollection AddEngineProbe(this IServiceCollection services) =>
        services.AddSingleton<EngineClient>().AddSingleton<EngineProbe>();
}
