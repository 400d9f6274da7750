using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Draining;

internal static class DrainExtensions
{
    // For what comes after the drain: settlements that are under way, and the last words to Schedulers.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    public static WebApplicationBuilder AddDraining(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<DrainOptions>, DrainOptionsValidator>();
        builder.Services.AddOptions<DrainOptions>().BindConfiguration(DrainOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService<Drainer>();
        builder.Services.AddHealthChecks().AddCheck<DrainHealthCheck>("drain");
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<DrainOptions>>(
            (host, drain) => host.ShutdownTimeout = drain.Value.NodesLeaveWithin + drain.Value.Limit + Rest);
        return builder;
    }

    /// <summary>Before anything that costs: a gateway that is about to go refuses at the door.</summary>
    public static WebApplication UseDraining(this WebApplication app)
    {
        var drain = app.Services.GetRequiredService<Drain>();
        app.Use(drain.InvokeAsync);
        return app;
    }
}
