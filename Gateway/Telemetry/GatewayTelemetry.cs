using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ComputeShare.Gateway.Telemetry;

/// <summary>The gateway's spans and instruments. Tags never carry account or request ids, except on spans.</summary>
internal sealed class GatewayTelemetry : IDisposable
{
    public const string Name = "ComputeShare.Gateway";

    // Buckets that OpenTelemetry's gen_ai conventions ask for.
    private static readonly double[] Seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly long[] Tokens = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _timeToFirstToken;
    private readonly Histogram<long> _tokens;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _probes;

    public GatewayTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _duration = meter.CreateHistogram("gen_ai.server.request.duration", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _timeToFirstToken = meter.CreateHistogram("gen_ai.server.time_to_first_token", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _tokens = meter.CreateHistogram("gen_ai.client.token.usage", "{token}", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = Tokens });
        _attempts = meter.CreateCounter<long>("computeshare.gateway.attempts", "{attempt}");
        _probes = meter.CreateCounter<long>("computeshare.gateway.probes", "{probe}");
        Tunnels = meter.CreateUpDownCounter<int>("computeshare.gateway.tunnels", "{tunnel}");
        RelayedIn = meter.CreateCounter<long>("computeshare.gateway.relays.in", "{call}");
        RelayedOut = meter.CreateCounter<long>("computeshare.gateway.relays.out", "{call}");
    }

    public ActivitySource Spans { get; } = new(Name);

    public UpDownCounter<int> Tunnels { get; }

    /// <summary>Calls of other gateways to nodes whose tunnels end here.</summary>
    public Counter<long> RelayedIn { get; }

    /// <summary>Calls to nodes through other gateways.</summary>
    public Counter<long> RelayedOut { get; }

    /// <param name="operation">As OpenTelemetry's <c>gen_ai.operation.name</c>.</param>
    /// <param name="requestedModel">As the caller named it.</param>
    /// <param name="requestId">The id of the request everywhere.</param>
    public Activity? Start(string operation, string requestedModel, string requestId)
    {
        var span = Spans.StartActivity($"{operation} {requestedModel}");
        span?.SetTag("gen_ai.operation.name", operation);
        span?.SetTag("gen_ai.provider.name", "computeshare");
        span?.SetTag("gen_ai.request.model", requestedModel);
        span?.SetTag("computeshare.request.id", requestId);
        return span;
    }

    public void Attempted(string model, string result) =>
        _attempts.Add(1, new KeyValuePair<string, object?>("gen_ai.response.model", model), new("computeshare.attempt.result", result));

    public void Probed(string result) => _probes.Add(1, new KeyValuePair<string, object?>("computeshare.probe.result", result));

    public void FirstToken(string operation, string model, TimeSpan after) => _timeToFirstToken.Record(after.TotalSeconds, Operation(operation, model));

    public void Ended(string operation, string model, string outcome, bool failed, TimeSpan duration)
    {
        var tags = Operation(operation, model);
        tags.Add("computeshare.outcome", outcome);
        if (failed)
        {
            tags.Add("error.type", outcome);
        }

        _duration.Record(duration.TotalSeconds, tags);
    }

    public void Delivered(string operation, string model, long promptTokens, long completionTokens)
    {
        Count("input", promptTokens);
        Count("output", completionTokens);

        void Count(string type, long count)
        {
            var counted = Operation(operation, model);
            counted.Add("gen_ai.token.type", type);
            _tokens.Record(count, counted);
        }
    }

    public void Dispose() => Spans.Dispose();

    private static TagList Operation(string operation, string model) => new()
    {
        { "gen_ai.operation.name", operation },
        { "gen_ai.provider.name", "computeshare" },
        { "gen_ai.response.model", model },
    };
}
