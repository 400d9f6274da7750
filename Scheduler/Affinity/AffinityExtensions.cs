using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Affinity;

internal static class AffinityExtensions
{
    public static void AddAffinity(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<AffinityOptions>, AffinityOptionsValidator>();
        builder.Services.AddOptions<AffinityOptions>().BindConfiguration(AffinityOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<PrefixTable>();
    }
}
