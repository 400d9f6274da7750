using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks;

/// <summary>How long a published service takes from its start until it is healthy, beside others that serve already.</summary>
internal sealed class StartBenchmark : IBenchmark
{
    private const int Rounds = 5;

    public string Name => "start";

    public string Description => "how long each published service takes until it is healthy";

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await using var cluster = new Cluster(new ClusterShape
        {
            IsTraced = false,
            IsProduction = true,
            StartTogether = 2,
            Gateways = 1,
            Schedulers = 1,
            Billings = 1,
            Nodes = 1,
        });
        await cluster.InitializeAsync();
        var figures = new JsonObject();
        foreach (var replica in new[] { cluster.Gateways[0], cluster.Schedulers[0], cluster.Billings[0], cluster.Nodes[0] })
        {
            var (times, processor) = await MeasureAsync(replica);
            await table.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{replica.Name,-12} {times,5:0} ms, of CPU {processor,5:0} ms"));
            figures[replica.Name] = Math.Round(times);
        }

        return figures;
    }

    private static async Task<(double Time, double Processor)> MeasureAsync(Replica replica)
    {
        var (times, processor) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            await replica.TerminateAsync();
            var started = Stopwatch.GetTimestamp();
            replica.Start();
            await replica.WaitUntilHealthyAsync(CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            processor.Add(replica.ProcessorTime.TotalMilliseconds);
        }

        return (Median.Of(times), Median.Of(processor));
    }
}
