using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace ComputeShare.Benchmarks.Simulation;

/// <summary>The Scheduler's placement code on a large market under a virtual clock, beside simpler ways to choose a node.</summary>
internal sealed class SimulateBenchmark : IBenchmark
{
    private const int FullNodes = 100_000;
    private const int RequestsPerNode = 10;

    /// <summary>A smaller market, for a quick look: a part of the full one, such as 0.1.</summary>
    private const string Scale = "COMPUTESHARE_SIMULATION_SCALE";

    public string Name => "simulate";

    public string Description => "placement on 100,000 nodes, beside random, round-robin and least-loaded";

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        var scale = double.Parse(Environment.GetEnvironmentVariable(Scale) ?? "1", CultureInfo.InvariantCulture);
        var nodeCount = (int)(FullNodes * scale);
        var requests = SimulatedTraffic.Build(nodeCount * RequestsPerNode);
        var report = new List<string>();
        await SayAsync(Text($"{nodeCount:N0} nodes, {requests.Length:N0} requests of conversations opened in {requests[^1].At:0} s of {SimulatedTraffic.Days} squeezed days, {Later(requests):0%} of them later turns of a conversation:"));
        await SayAsync("");
        await SayAsync("| | TTFT p50 s | TTFT p99 s | tokens/s p50 | $ per million tokens | prefix hits | fairness (Jain) | refused | failed | failed attempts | load |");
        await SayAsync("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        var results = new List<SimulationResult>();
        var decision = 0.0;
        var started = Stopwatch.GetTimestamp();
        foreach (var runs in await Task.WhenAll(Strategies().Select(side => Task.Run(() => side.Select(Run).ToArray()))))
        {
            foreach (var (result, microseconds) in runs)
            {
                decision = microseconds ?? decision;
                results.Add(result);
                await SayAsync(Row(result));
            }
        }

        (SimulationResult Result, double? DecisionMicroseconds) Run(Func<SimulatedNode[], VirtualClock, IStrategy> make)
        {
            var clock = new VirtualClock();
            var nodes = SimulatedMarket.Build(nodeCount);
            var strategy = make(nodes, clock);
            var result = new Simulator(nodes, requests, strategy, clock).Run();
            return (result, (strategy as ProductionStrategy)?.DecisionMicroseconds);
        }

        await SayAsync("");
        await SayAsync(Text($"A decision took {decision:0.0} µs on average; all four took {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s."));
        await SimulationDocument.WriteAsync(report, results);
        return new JsonObject
        {
            ["nodes"] = nodeCount,
            ["requests"] = requests.Length,
            ["decision_us"] = Math.Round(decision, 1),
            ["strategies"] = new JsonArray([.. results.Select(Figures)]),
        };

        Task SayAsync(string line)
        {
            report.Add(line);
            return table.WriteLineAsync(line);
        }
    }

    private static double Later(SimulatedRequest[] requests) => (double)requests.Count(request => request.Turn > 1) / requests.Length;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // What runs side by side: the simple ones together take less time than ours.
    private static Func<SimulatedNode[], VirtualClock, IStrategy>[][] Strategies() =>
    [
        [(nodes, clock) => new ProductionStrategy(nodes, clock)],
        [(nodes, _) => new LeastLoadedStrategy(nodes), (nodes, _) => new RoundRobinStrategy(nodes), (nodes, _) => new RandomStrategy(nodes)],
    ];

    private static string Row(SimulationResult result) => Text(
        $"| {result.Strategy} | {result.TtftP50:0.00} | {result.TtftP99:0.0} | {result.TokensPerSecond:0} | {result.DollarsPerMillion:0.000} | {result.PrefixHits:0.0%} | {result.Fairness:0.00} | {result.Refused} | {result.Failed} | {result.FailedAttempts} | {result.Load:0%} |");

    private static JsonNode Figures(SimulationResult result) => new JsonObject
    {
        ["strategy"] = result.Strategy,
        ["ttft_p50_ms"] = Math.Round(result.TtftP50 * 1000),
        ["ttft_p99_ms"] = Math.Round(result.TtftP99 * 1000),
        ["tokens_per_second_p50"] = Math.Round(result.TokensPerSecond, 1),
        ["dollars_per_million_tokens"] = Math.Round(result.DollarsPerMillion, 4),
        ["hoster_fairness"] = Math.Round(result.Fairness, 3),
        ["prefix_hits"] = Math.Round(result.PrefixHits, 3),
        ["refused"] = result.Refused,
        ["failed"] = result.Failed,
        ["failed_attempts"] = result.FailedAttempts,
        ["load"] = Math.Round(result.Load, 3),
    };
}
