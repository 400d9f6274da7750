using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

internal static class NodesExtensions
{
    public static WebApplicationBuilder AddHosterNodes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<NodesOptions>, NodesOptionsValidator>();
        builder.Services.AddOptions<NodesOptions>()
            .Configure<IConfiguration>((options, configuration) => configuration.GetSection(NodesOptions.Section).Bind(options.Configured))
            .ValidateOnStart();
        builder.Services.AddSingleton<IHosterChannels, ConfiguredHosterChannels>();
        builder.Services.AddHostedService<NodeWatchers>();
        return builder;
    }
}
