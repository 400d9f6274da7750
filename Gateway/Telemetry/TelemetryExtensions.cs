using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Metrics;

namespace ComputeShare.Gateway.Telemetry;

internal static class TelemetryExtensions
{
    public static WebApplicationBuilder AddGatewayTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GatewayTelemetry>();
        // Nearly all of them would be calls to nodes, which telemetry of our own tells more of; and each node would be a series.
        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddView("http.client.*", MetricStreamConfiguration.Drop));
        if (!builder.Environment.IsDevelopment())
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<DistributedContextPropagator>(new CallerTracePropagator()));
        }

        return builder;
    }

    /// <summary>Links the request's span to the caller's where it is not its parent.</summary>
    public static WebApplication UseCallerTraceLinks(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
        {
            app.Use(LinkAsync);
        }

        return app;
    }

    private static Task LinkAsync(HttpContext context, RequestDelegate next)
    {
        if (Activity.Current is { } span && ActivityContext.TryParse(context.Request.Headers.TraceParent, null, isRemote: true, out var caller))
        {
            span.AddLink(new ActivityLink(caller));
        }

        return next(context);
    }
}
