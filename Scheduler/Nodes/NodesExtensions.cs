using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Nodes;

internal static class NodesExtensions
{
    public static void AddNodes(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<NodeOptions>, NodeOptionsValidator>();
        builder.Services.AddOptions<NodeOptions>().BindConfiguration(NodeOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CoolDownOptions>, CoolDownOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<CoolDownOptions>, CoolDownOrderValidator>();
        builder.Services.AddOptions<CoolDownOptions>().BindConfiguration(CoolDownOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<SlotViews>();
        builder.Services.AddSingleton<CoolDowns>();
        builder.Services.AddSingleton<NodeRegistry>();
        builder.Services.AddSingleton<NodeDirectory>();
        builder.Services.AddSingleton<LiveModels>();
        builder.Services.AddSingleton<LiveNodes>();
        builder.Services.AddSingleton<PriceSpread>();
        builder.Services.AddSingleton<NodeSynchronizer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeSynchronizer>());
        builder.Services.AddHostedService<NodeSweeper>();
    }
}
