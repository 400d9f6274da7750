using System.Text.Json.Nodes;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>
/// What the product adds in front of an engine that computes: the gateway alone on the first core as in <see cref="GatewayBenchmark"/>, beside
/// YARP and the engine itself. What the engine says is not known in advance; each answer must have some text, its usage, and an end.
/// </summary>
internal sealed class AddedBenchmark : IBenchmark
{
    private Uri? _engine;
    private int _streams = 4;
    private int _tokens = 64;
    private int _rounds = 5;
    private int _warm = 60;

    public string Name => "added";

    public string Description => "--engine http://HOST:PORT [--streams N] [--tokens N] [--rounds N] [--warm SECONDS] time to the first token and processor time per token in front of an engine of yours, which serves a model of the catalogue";

    public bool TryConfigure(IReadOnlyList<string> options) =>
        options.Count % 2 == 0 && options.Chunk(2).All(option => option switch
        {
            ["--engine", var engine] => Uri.TryCreate(engine, UriKind.Absolute, out _engine) && _engine is { Scheme: "http", AbsolutePath: "/" },
            ["--streams", var streams] => Counts.TryParse(streams, out _streams),
            ["--tokens", var tokens] => Counts.TryParse(tokens, out _tokens),
            ["--rounds", var rounds] => Counts.TryParse(rounds, out _rounds),
            ["--warm", var warm] => Counts.TryParse(warm, out _warm),
            _ => false,
        }) && _engine is not null;

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        var engine = await Upstream.FindAsync(_engine!);
        // Takes what the product exports of its telemetry.
        await using var telemetry = await PacedEngine.StartAsync();
        await using var yarp = await YarpPeer.StartAsync(engine.Address, GatewayBenchmark.Core, isPlain: true);
        await using var tuned = await YarpPeer.StartAsync(engine.Address, GatewayBenchmark.Core, isPlain: false);
        // A consumer asks again before the slot of its last answer is given back.
        await using var product = await Product.StartAsync(engine.Address, telemetry.Address, GatewayBenchmark.Core, gateways: 1, nodes: 1, slots: 2 * _streams);
        var workload = new Workload($"{_streams} streams", _streams, _tokens, IsStream: true);
        var figures = await new Comparison(engine, yarp, tuned, product, TimeSpan.FromSeconds(_warm), table).RunAsync(workload, _rounds, alsoDirect: true);
        return new JsonObject
        {
            ["cpu_token_vs_yarp"] = Math.Round(figures.VersusYarp, 2),
            ["hoster_cpu_token_vs_yarp"] = Math.Round(figures.NodeVersusYarp, 2),
            ["ttft_added_ms_p50"] = Math.Round(figures.FirstAdded(0.5), 2),
            ["ttft_added_ms_p99"] = Math.Round(figures.FirstAdded(0.99), 2),
        };
    }
}
