using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

internal static class NodesExtensions
{
    public static WebApplicationBuilder AddHosterNodes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<DirectOptions>, DirectOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<DirectOptions>, AllowedNetworksValidator>();
        builder.Services.AddOptions<DirectOptions>().BindConfiguration(DirectOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<AllowedNetworks>();
        builder.Services.AddSingleton<NodeChannel.Opener>();
        builder.Services.AddSingleton<JoinedNodes>();
        builder.Services.AddSingleton<IHosterChannels>(services => services.GetRequiredService<JoinedNodes>());
        builder.Services.AddHostedService(services => services.GetRequiredService<JoinedNodes>());
        return builder;
    }
}
