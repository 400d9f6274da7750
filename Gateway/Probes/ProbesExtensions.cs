using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Probes;

internal static class ProbesExtensions
{
    public static WebApplicationBuilder AddProbes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ProbeOptions>, ProbeOptionsValidator>();
        builder.Services.AddOptions<ProbeOptions>().BindConfiguration(ProbeOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<ProbeOffers>();
        builder.Services.AddSingleton<ProbeCaller>();
        builder.Services.AddSingleton<ProbePrompts>();
        builder.Services.AddSingleton<ProbeAuthor>();
        builder.Services.AddSingleton<ProbeSession>();
        builder.Services.AddHostedService<ProbeWorker>();
        return builder;
    }
}
