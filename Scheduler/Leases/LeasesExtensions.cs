using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Leases;

internal static class LeasesExtensions
{
    public static void AddLeases(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<LeaseOptions>, LeaseOptionsValidator>();
        builder.Services.AddOptions<LeaseOptions>().BindConfiguration(LeaseOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<LeaseStore>();
    }
}
