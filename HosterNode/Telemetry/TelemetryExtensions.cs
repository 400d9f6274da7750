using OpenTelemetry.Metrics;

namespace ComputeShare.HosterNode.Telemetry;

internal static class TelemetryExtensions
{
    public static void AddNodeTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HosterNodeTelemetry>();
        // Each request is one call of a gateway and one to the engine. What it takes, telemetry of our own tells; these were 8 % of what it costs a node
        // (docs/benchmarks/gateway.md).
        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics
            .AddView("http.*", MetricStreamConfiguration.Drop)
            .AddView("kestrel.*", MetricStreamConfiguration.Drop));
    }
}
