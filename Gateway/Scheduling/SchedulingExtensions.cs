using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Scheduling;

internal static class SchedulingExtensions
{
    public static WebApplicationBuilder AddNodeScheduling(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<SchedulingOptions>, SchedulingOptionsValidator>();
        builder.Services.AddOptions<SchedulingOptions>().BindConfiguration(SchedulingOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<GatewayReplica>();
        builder.Services.AddSingleton<AccountSalts>();
        builder.Services.AddSingleton<LeasesInUse>();
        builder.Services.AddSingleton<NodeLeaseClient>();
        builder.Services.AddHostedService<LeaseRenewer>();
        return builder;
    }
}
