using BenchmarkDotNet.Attributes;
using ComputeShare.Benchmarks.Simulation;

namespace ComputeShare.MicroBenchmarks;

/// <summary>One decision in an empty market; <c>./bench placement</c> has busy ones too.</summary>
public class PlacementBenchmarks
{
    private static readonly SimulatedRequest Request = new(0, 0, 0, 1, 0, 0, 500, 900, GoesOn: false);

    private ProductionStrategy? _strategy;

    [Params(1_000, 100_000)]
    public int Nodes { get; set; }

    [GlobalSetup]
    public void Prepare() => _strategy = new ProductionStrategy(SimulatedMarket.Build(Nodes), new VirtualClock());

    [Benchmark]
    public object Decide() => _strategy!.Choose(Request, []) ?? throw new InvalidOperationException("No node was free.");
}
