using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Completions;

internal static class CompletionsExtensions
{
    public static WebApplicationBuilder AddCompletions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<CompletionOptions>, CompletionOptionsValidator>();
        builder.Services.AddOptions<CompletionOptions>().BindConfiguration(CompletionOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<NodeAttempt>();
        builder.Services.AddSingleton<NodeAttempts>();
        builder.Services.AddSingleton<CompletionPipeline>();
        return builder;
    }
}
