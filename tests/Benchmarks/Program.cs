using ComputeShare.Benchmarks;
using ComputeShare.Benchmarks.Money;
using ComputeShare.Benchmarks.Placement;
using ComputeShare.Benchmarks.Scheduling;
using ComputeShare.Benchmarks.Simulation;

IBenchmark[] benchmarks =
    [new BillingBenchmark(), new EngineBenchmark(), new PlacementBenchmark(), new SchedulingBenchmark(), new SimulateBenchmark(), new SseBenchmark()];

if (args is not [var name] || Array.Find(benchmarks, benchmark => benchmark.Name == name) is not { } chosen)
{
    Console.WriteLine("usage: ./bench NAME");
    foreach (var benchmark in benchmarks)
    {
        Console.WriteLine($"  {benchmark.Name,-10} {benchmark.Description}");
    }

    return args.Length == 0 ? 0 : 2;
}

var figures = await chosen.RunAsync(Console.Out);
Console.WriteLine(figures.ToJsonString());
return 0;
