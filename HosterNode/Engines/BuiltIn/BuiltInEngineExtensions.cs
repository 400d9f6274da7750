using ComputeShare.HosterNode.Engines.BuiltIn.Gguf;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

internal static class BuiltInEngineExtensions
{
    public static void AddBuiltInEngine(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<BuiltInEngineOptions>, BuiltInEngineOptionsValidator>();
        builder.Services.AddOptions<BuiltInEngineOptions>().BindConfiguration(BuiltInEngineOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton(services => LoadModel(services.GetRequiredService<IOptions<BuiltInEngineOptions>>().Value));
        builder.Services.AddSingleton(services =>
            new ComputeThreads(services.GetRequiredService<IOptions<BuiltInEngineOptions>>().Value.Threads));
        builder.Services.AddSingleton<IInferenceEngine, BuiltInEngine>();
    }

    private static BuiltInModel LoadModel(BuiltInEngineOptions options)
    {
        try
        {
            return BuiltInModel.Load(Path.Combine(AppContext.BaseDirectory, options.ModelPath));
        }
        catch (GgufException error)
        {
            throw new InvalidOperationException($"{BuiltInEngineOptions.Section}:ModelPath ({options.ModelPath}) cannot be used: {error.Message}", error);
        }
    }
}
