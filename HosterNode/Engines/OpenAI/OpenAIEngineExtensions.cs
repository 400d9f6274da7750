using ComputeShare.HosterNode.Engines.OpenAI.Discovery;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.OpenAI;

internal static class OpenAIEngineExtensions
{
    public static void AddOpenAIEngine(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<OpenAIEngineOptions>, OpenAIEngineOptionsValidator>();
        builder.Services.AddOptions<OpenAIEngineOptions>().BindConfiguration(OpenAIEngineOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<EngineClient>();
        builder.Services.AddSingleton<EngineProbe>();
        builder.Services.AddSingleton<EngineMonitor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EngineMonitor>());
        builder.Services.AddHealthChecks().AddCheck<EngineHealthCheck>("engine");
        builder.Services.AddSingleton<IInferenceEngine, OpenAIEngine>();
    }
}
