using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ComputeShare.ServiceDefaults.Telemetry;

/// <summary>
/// Traces, metrics and logs over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set (Aspire sets it). Each service's own
/// ActivitySource and Meter are called <c>ComputeShare.*</c>; the web server's and the HTTP client's are the framework's.
/// </summary>
internal static class TelemetryExtensions
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logging => logging.IncludeFormattedMessage = true);
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing
                .AddSource("ComputeShare.*", "Microsoft.AspNetCore", "System.Net.Http")
                .AddProcessor<EndlessSpanFilter>())
            .WithMetrics(metrics => metrics.AddMeter(
                "ComputeShare.*",
                "Microsoft.AspNetCore.Hosting",
                "Microsoft.AspNetCore.Server.Kestrel",
                "System.Net.Http",
                "System.Runtime"));
        if (!string.IsNullOrEmpty(builder.Configuration[OtlpEndpoint]))
        {
            telemetry.UseOtlpExporter();
        }
    }
}
