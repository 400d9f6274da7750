using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Generations;

internal static class GenerationExtensions
{
    public static WebApplicationBuilder AddGenerations(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GenerationReader>();
        builder.Services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        builder.Services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<GenerationSweep>();
        builder.Services.AddHostedService<GenerationSweepWorker>();
        return builder;
    }
}
