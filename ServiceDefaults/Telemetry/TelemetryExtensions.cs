using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.ServiceDefaults.Tunnels;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ComputeShare.ServiceDefaults.Telemetry;

/// <summary>
/// Traces, metrics and logs over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set (Aspire sets it). Each service's own
/// ActivitySource and Meter are called <c>ComputeShare.*</c>; the web server's and the HTTP client's are the framework's.
/// </summary>
internal static class TelemetryExtensions
{
    private static readonly string[] NotOfARequest = [HealthEndpoints.Alive, HealthEndpoints.Health, "/Session", "/Watch", "/Leave", "/v1/nodes", TunnelHeaders.Route];

    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        // A service says one line per request itself; the framework's four would bury it.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        builder.Logging.AddOpenTelemetry(logging => logging.IncludeFormattedMessage = true);
        // The framework reads and writes traceparent itself. Any other propagator makes the instrumentation read the headers once more,
        // past what a service decided about its callers' (the gateway trusts them in development only), and pass strangers' baggage on.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        var name = builder.Environment.ApplicationName.Split('.')[^1].ToLowerInvariant();
        var telemetry = builder.Services.AddOpenTelemetry()
            // What the environment says comes last, so that it stands.
            .ConfigureResource(resource => resource.AddService(name, autoGenerateServiceInstanceId: false).AddEnvironmentVariableDetector())
            .WithTracing(tracing => tracing
                .AddSource("ComputeShare.*", "Grpc.Net.Client")
                .AddAspNetCoreInstrumentation(options => options.Filter = context => BelongsToARequest(context.Request.Path.Value))
                .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = request =>
                    BelongsToARequest(request.RequestUri?.AbsolutePath)))
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

    /// <summary>Health probes do not, nor do the streams that live as long as their processes, nor nodes that ask to be watched.</summary>
    private static bool BelongsToARequest(string? path) =>
        path is not null && !NotOfARequest.Any(ending => path.EndsWith(ending, StringComparison.Ordinal));
}
