using System.Globalization;
using ComputeShare.Benchmarks;
using ComputeShare.Benchmarks.Crashes;
using ComputeShare.Benchmarks.Gateways;
using ComputeShare.Benchmarks.Money;
using ComputeShare.Benchmarks.Placement;
using ComputeShare.Benchmarks.Scheduling;
using ComputeShare.Benchmarks.Simulation;
using ComputeShare.Benchmarks.Soak;
using ComputeShare.Benchmarks.Starvation;
using ComputeShare.Benchmarks.Tunnels;

// Started by a benchmark itself, as processes of their own.
switch (args)
{
    case [NodeHalf.Role, .. var settings]:
        await NodeHalf.RunAsync(settings);
        return 0;
    case [PacedEngine.Role, var port]:
        await PacedEngine.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case [YarpPeer.Role, var port, var engine]:
        await YarpPeer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), engine);
        return 0;
}

IBenchmark[] benchmarks =
[
    new AddedBenchmark(), new BillingBenchmark(), new CrashBenchmark(), new EngineBenchmark(), new FuzzBenchmark(), new GatewayBenchmark(), new MeteringBenchmark(),
    new PlacementBenchmark(), new SchedulingBenchmark(), new SimulateBenchmark(), new SoakBenchmark(), new StartBenchmark(),
    new StarveBenchmark(), new TunnelBenchmark(),
];

if (args is not [var name, .. var options]
    || Array.Find(benchmarks, benchmark => benchmark.Name == name) is not { } chosen
    || !chosen.TryConfigure(options))
{
    Console.WriteLine("usage: ./bench NAME [OPTIONS]");
    foreach (var benchmark in benchmarks)
    {
        Console.WriteLine($"  {benchmark.Name,-10} {benchmark.Description}");
    }

    return args.Length == 0 ? 0 : 2;
}

var figures = await chosen.RunAsync(Console.Out);
Console.WriteLine(figures.ToJsonString());
return 0;
