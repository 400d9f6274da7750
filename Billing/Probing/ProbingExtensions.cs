using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Probing;

internal static class ProbingExtensions
{
    public static WebApplicationBuilder AddProbing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ProbingOptions>, ProbingOptionsValidator>();
        builder.Services.AddOptions<ProbingOptions>().BindConfiguration(ProbingOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<ProbeIntake>();
        return builder;
    }
}
