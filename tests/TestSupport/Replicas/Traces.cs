using System.Diagnostics;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>The real Aspire dashboard, for the <see cref="Cluster"/>'s traces. Only requests that ask for it by their traceparent are traced.</summary>
internal sealed class Traces : IAsyncDisposable
{
    private static readonly TimeSpan ExportLimit = TimeSpan.FromSeconds(45);

    private readonly HttpClient _telemetry;
    private readonly string _otlp;
    private readonly LocalProcess _dashboard;

    public Traces(int port, int otlpPort)
    {
        _otlp = $"http://127.0.0.1:{otlpPort}";
        _telemetry = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _dashboard = LocalProcess.Start(
            Repository.PathOf("eng", "restricted", "dashboard"),
            ["run"],
            new Dictionary<string, string?>
            {
                ["ASPNETCORE_URLS"] = _telemetry.BaseAddress.AbsoluteUri,
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = _otlp,
                ["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true",
                ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "1",
                ["ASPIRE_DASHBOARD_TELEMETRY_OPTOUT"] = "true",
            });
    }

    /// <summary>What makes a service called <paramref name="service"/> send its spans here.</summary>
    public Dictionary<string, string> Environment(string service) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _otlp,
        ["OTEL_SERVICE_NAME"] = service,
        ["OTEL_TRACES_SAMPLER"] = "parentbased_always_off",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
        ["OTEL_METRICS_EXPORTER"] = "none",
    };

    /// <summary>The trace's spans, as soon as they are what is awaited.</summary>
    public async Task<List<TelemetrySpan>> ReadAsync(ActivityTraceId trace, Func<List<TelemetrySpan>, bool> complete, CancellationToken cancellationToken)
    {
        List<TelemetrySpan> spans = [];
        await Poll.UntilAsync(
            $"trace {trace} is complete",
            async () =>
            {
                using var response = await _telemetry.GetAsync(new Uri($"/api/telemetry/spans?traceId={trace}&limit=2000", UriKind.Relative), cancellationToken);
                spans = response.IsSuccessStatusCode ? TelemetrySpan.Parse(await response.Content.ReadAsStringAsync(cancellationToken)) : [];
                return complete(spans);
            },
            ExportLimit,
            cancellationToken);
        return spans;
    }

    public async ValueTask DisposeAsync()
    {
        _telemetry.Dispose();
        await _dashboard.DisposeAsync();
    }
}
