using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Generations;

internal static class GenerationExtensions
{
    public static WebApplicationBuilder AddGenerations(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<GenerationOptions>, GenerationOptionsValidator>();
        builder.Services.AddOptions<GenerationOptions>().BindConfiguration(GenerationOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<RunningRequests>();
        builder.Services.AddSingleton<GenerationLookUp>();
        return builder;
    }
}
