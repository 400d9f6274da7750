using ComputeShare.Gateway.Nodes.Relay;
using ComputeShare.Gateway.Nodes.Tunnels;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

internal static class NodesExtensions
{
    private const int StreamsPerConnection = 4096;

    public static WebApplicationBuilder AddHosterNodes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<DirectOptions>, DirectOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<DirectOptions>, AllowedNetworksValidator>();
        builder.Services.AddOptions<DirectOptions>().BindConfiguration(DirectOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<AllowedNetworks>();
        builder.Services.AddSingleton<DirectChannel.Opener>();
        builder.Services.AddSingleton<JoinedNodes>();
        builder.Services.AddHostedService(services => services.GetRequiredService<JoinedNodes>());
        builder.AddTunnels();
        builder.AddRelay();
        builder.Services.AddSingleton<IHosterChannels, HosterChannels>();
        return builder;
    }

    private static void AddTunnels(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<TunnelOptions>, TunnelOptionsValidator>();
        builder.Services.AddOptions<TunnelOptions>().BindConfiguration(TunnelOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<TunnelApi>();
    }

    private static void AddRelay(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<RelayOptions>, RelayRangeValidator>();
        builder.Services.AddSingleton<IValidateOptions<RelayOptions>, RelayOptionsValidator>();
        builder.Services.AddOptions<RelayOptions>().BindConfiguration(RelayOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<RouteSeal>();
        builder.Services.AddSingleton<TunnelRoutes>();
        builder.Services.AddSingleton<RelayClient>();
        builder.Services.AddSingleton<RelayApi>();
        builder.Services.AddHostedService<RouteRenewer>();
        // Thousands of streams come through one connection from another gateway; those above the limit would wait in silence.
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection);
    }
}
