using ComputeShare.HosterNode.Tunnels;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Membership;

internal static class MembershipExtensions
{
    public static void AddMembership(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<MembershipOptions>, MembershipOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<MembershipOptions>, MembershipRangeValidator>();
        builder.Services.AddOptions<MembershipOptions>().BindConfiguration(MembershipOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<GatewayWatches>();
        builder.Services.AddSingleton(services => new GatewayTrust(services.GetRequiredService<IOptions<MembershipOptions>>()));
        builder.Services.AddSingleton<JoinClient>();
        builder.Services.AddSingleton<JoinWorker>();
        if (builder.Configuration.NodeTransport() == NodeTransport.Direct)
        {
            builder.Services.AddHostedService(services => services.GetRequiredService<JoinWorker>());
        }

        builder.Services.AddHealthChecks().AddCheck<MembershipHealthCheck>("membership");
    }
}
