using System.Globalization;
using System.Text.Json.Nodes;

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

    private int _rounds = 5;

    public string Name => "gateway";

    public string Description => "[--rounds N] processor time per request and token beside YARP, time to the first token, memory per stream";

    public bool TryConfigure(IReadOnlyList<string> options) =>
        options.Count == 0
        || (options is ["--rounds", var rounds] && int.TryParse(rounds, CultureInfo.InvariantCulture, out _rounds) && _rounds > 0);

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        var figures = new GatewayFigures();
        await using var engine = await PacedEngine.StartAsync();
        await using (var yarp = await YarpPeer.StartAsync(engine.Address, Core))
        await using (var product = await Product.StartAsync(engine.Address, Core, gateways: 2, nodes: 1, Slots))
        {
            var comparison = new Comparison(engine, yarp, product, table);
            figures.Whole = await comparison.RunAsync(new Workload("whole answers, 32 clients", 32, WholeTokens, IsStream: false), _rounds, alsoTwo: true);
            figures.Stream32 = await comparison.RunAsync(new Workload("32 streams", 32, StreamTokens, IsStream: true), _rounds, alsoDirect: true);
            figures.Stream256 = await comparison.RunAsync(new Workload("256 streams", 256, StreamTokens, IsStream: true), _rounds);
        }

        figures.BytesPerStream = await OpenStreams.MeasureAsync(engine, table);
        await BenchmarkPage.WriteAsync(Name, figures.Report());
        return figures.ToJson();
    }
}
