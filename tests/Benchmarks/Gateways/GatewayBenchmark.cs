using System.Text.Json.Nodes;
using ComputeShare.TestSupport;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>
/// What a request and a token cost in the gateway beside YARP passing them through, on one core in one run; what they cost behind it; what
/// it adds to the time to the first token; what an open stream keeps in memory.
/// </summary>
internal sealed class GatewayBenchmark : IBenchmark
{
    /// <summary>What is compared runs here alone; <c>./bench</c> starts this process on the others.</summary>
    public const string Core = "0";

    private const int WholeTokens = 16;
    private const int StreamTokens = 400;
    private const int Slots = 256;

    // Until what is asked for all the time is compiled for good: on a full core that takes most of a minute.
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(60);

    private static readonly string[] Parts = ["whole", "32", "256", "open"];

    private int _rounds = 5;
    private string? _only;

    public string Name => "gateway";

    public string Description => "[--rounds N] [--only whole|32|256|open] processor time per request and token beside YARP, time to the first token, memory per stream";

    public bool TryConfigure(IReadOnlyList<string> options) =>
        options.Count % 2 == 0 && options.Chunk(2).All(option => option switch
        {
            ["--rounds", var rounds] => Counts.TryParse(rounds, out _rounds),
            ["--only", var part] => Parts.Contains(_only = part),
            _ => false,
        });

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        var figures = new GatewayFigures();
        await using var engine = await PacedEngine.StartAsync();
        if (_only is not "open")
        {
            await CompareAsync(engine, figures, table);
        }

        if (_only is null or "open")
        {
            figures.BytesPerStream = await OpenStreams.MeasureAsync(engine, table);
        }

        if (_only is not null)
        {
            // A part of the page is no page.
            return new JsonObject { ["only"] = _only };
        }

        await File.WriteAllTextAsync(Repository.PathOf("docs", "benchmarks", "gateway.svg"), figures.Draw());
        await BenchmarkPage.WriteAsync(Name, [.. figures.Report(), "", "![The same as bars](gateway.svg)"]);
        return figures.ToJson();
    }

    private async Task CompareAsync(PacedEngine engine, GatewayFigures figures, TextWriter table)
    {
        await using var yarp = await YarpPeer.StartAsync(engine.Address, Core, isPlain: true);
        await using var tuned = await YarpPeer.StartAsync(engine.Address, Core, isPlain: false);
        await using var product = await Product.StartAsync(engine.Address, engine.Address, Core, gateways: 2, nodes: 1, Slots);
        var comparison = new Comparison(Upstream.Of(engine), yarp, tuned, product, Warm, table);
        if (_only is null or "whole")
        {
            figures.Whole = await comparison.RunAsync(new Workload("whole answers, 32 clients", 32, WholeTokens, IsStream: false), _rounds, alsoTwo: true);
        }

        if (_only is null or "32")
        {
            figures.Stream32 = await comparison.RunAsync(new Workload("32 streams", 32, StreamTokens, IsStream: true), _rounds, alsoDirect: true);
        }

        if (_only is null or "256")
        {
            figures.Stream256 = await comparison.RunAsync(new Workload("256 streams", 256, StreamTokens, IsStream: true), _rounds);
        }
    }
}
