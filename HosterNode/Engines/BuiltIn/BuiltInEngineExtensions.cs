using ComputeShare.Tokenizing;
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
        builder.Services.AddSingleton<BuiltInEngine>();
        builder.AddEngineFaults();
    }

    private static void AddEngineFaults(this WebApplicationBuilder builder)
    {
        if (!builder.Configuration.GetSection(EngineFaultOptions.Section).Exists())
        {
            builder.Services.AddSingleton<IInferenceEngine>(services => services.GetRequiredService<BuiltInEngine>());
            return;
        }

        if (builder.Environment.IsProduction())
        {
            throw new InvalidOperationException($"{EngineFaultOptions.Section} is set: faults are for tests, not for the Production environment.");
        }

        builder.Services.AddSingleton<IValidateOptions<EngineFaultOptions>, EngineFaultOptionsValidator>();
        builder.Services.AddOptions<EngineFaultOptions>().BindConfiguration(EngineFaultOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IInferenceEngine>(services => new EngineFaults(
            services.GetRequiredService<BuiltInEngine>(), services.GetRequiredService<IOptions<EngineFaultOptions>>().Value));
    }

    private static BuiltInModel LoadModel(BuiltInEngineOptions options)
    {
        try
        {
            return BuiltInModel.Load(options.ModelPath);
        }
        catch (TokenizerException error)
        {
            throw new InvalidOperationException($"{BuiltInEngineOptions.Section}:ModelPath ({options.ModelPath}) cannot be used: {error.Message}", error);
        }
    }
}
