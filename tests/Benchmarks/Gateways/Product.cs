using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>
/// The whole product with its default settings and the environment that docs/operations.md and the node's unit give it, as processes of
/// release builds: keys, limits, leases in Redis, holds, settlement in PostgreSQL, metering by the model's tokenizer, and traces of one request
/// in a hundred, exported.
/// </summary>
internal sealed class Product : IAsyncDisposable
{
    private readonly Cluster _cluster;

    private Product(Cluster cluster) => _cluster = cluster;

    public IReadOnlyList<Uri> Gateways => [.. _cluster.Clients.Select(client => client.Gateway)];

    public string Key => _cluster.Clients[0].Key;

    /// <summary>Of the first so many gateways.</summary>
    public TimeSpan GatewayTime(int gateways) => Sum(_cluster.Gateways.Take(gateways));

    public TimeSpan NodeTime => Sum(_cluster.Nodes);

    public TimeSpan SchedulerTime => Sum(_cluster.Schedulers);

    public TimeSpan BillingTime => Sum(_cluster.Billings);

    /// <summary>Of the first gateway, in bytes.</summary>
    public long GatewayMemory => _cluster.Gateways[0].ResidentBytes;

    public static async Task<Product> StartAsync(Uri engine, Uri telemetry, string cores, int gateways, int nodes, int slots)
    {
        var common = new Dictionary<string, string>
        {
            ["Logging__LogLevel__Default"] = "Warning",
            ["DOTNET_GCgen0size"] = "4000000",
            ["OTEL_TRACES_SAMPLER"] = "parentbased_traceidratio",
            ["OTEL_TRACES_SAMPLER_ARG"] = "0.01",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = telemetry.ToString(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        var cluster = new Cluster(new ClusterShape
        {
            IsTraced = false,
            IsProduction = true,
            Gateways = gateways,
            Schedulers = 1,
            Billings = 1,
            Nodes = nodes,
            GatewayCores = cores,
            StartTogether = 4,
            // The cluster of tests is more impatient than what is shipped.
            GatewaySettings = new Dictionary<string, string>(common)
            {
                ["DOTNET_GCgen0size"] = "800000",
                ["Scheduling__RenewEvery"] = "00:00:05",
                // Streams that stay open without a token are one of the workloads.
                ["Streaming__BetweenTokens"] = "00:20:00",
            },
            SchedulerSettings = new Dictionary<string, string>(common) { ["Leases__Life"] = "00:00:15" },
            BillingSettings = new Dictionary<string, string>(common) { ["Holds__Expiry"] = "00:10:00", ["Holds__ReapInterval"] = "00:00:30" },
            NodeSettings = _ => new Dictionary<string, string>(common)
            {
                ["DOTNET_GCgen0size"] = "800000",
                ["Node__Transport"] = "tunnel",
                ["Node__Slots"] = $"{slots}",
                ["Engine__Url"] = engine.ToString(),
                ["Engine__ContextLength"] = "1024",
                // What the cluster's own first request asks for.
                ["Engine__Capabilities__0"] = "logprobs",
                ["Engine__Capabilities__1"] = "min_tokens",
                ["Engine__Capabilities__2"] = "seed",
            },
        });
        await cluster.InitializeAsync();
        return new Product(cluster);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static TimeSpan Sum(IEnumerable<Replica> replicas) =>
        replicas.Aggregate(TimeSpan.Zero, (sum, replica) => sum + replica.ProcessorTime);
}
