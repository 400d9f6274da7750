using System.Text.Json.Nodes;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>Mixed traffic and random kills for a long time: does anything pile up, is anything left over, is the money right?</summary>
internal sealed class SoakBenchmark : IBenchmark
{
    private const int DefaultMinutes = 60;

    // Shorter ones show whether it runs, and are not committed.
    private const int LeastWritten = 5;

    private int _minutes = DefaultMinutes;

    public string Name => "soak";

    public string Description => "[--minutes N] mixed traffic with random kills: memory, handles, threads, latencies, what is left over (60 minutes; 5 is the short form)";

    public bool TryConfigure(IReadOnlyList<string> options) =>
        options.Count == 0
        || (options is ["--minutes", var minutes] && Counts.TryParse(minutes, out _minutes));

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await using var cluster = new Cluster(new ClusterShape { IsTraced = false, StartTogether = 3 });
        await cluster.InitializeAsync();
        var free = await cluster.OpenAccountAsync("soak-free");
        // Fewer than its consumers ask for, of both.
        var limited = await cluster.OpenAccountAsync("soak-limited", "--parallel", "3", "--requests-per-minute", "150");
        var handles = await SoakRun.RestAsync(cluster);

        var run = await SoakRun.RunAsync(cluster, [free, free, limited, limited], TimeSpan.FromMinutes(_minutes), table);

        var findings = await SoakFindings.ReadAsync(run, cluster, handles);
        foreach (var client in free.Concat(limited))
        {
            client.Dispose();
        }

        var report = SoakReport.Write(run, findings).ToArray();
        foreach (var line in report.Concat(SoakReport.Faults(findings)))
        {
            await table.WriteLineAsync(line);
        }

        if (_minutes >= LeastWritten)
        {
            await File.WriteAllTextAsync(Repository.PathOf("docs", "benchmarks", "soak.svg"), SoakPicture.Draw(run));
            await BenchmarkPage.WriteAsync(Name, [.. report, "", "![Latencies, memory, handles and threads over the run](soak.svg)"]);
        }

        return SoakReport.Figures(run, findings);
    }
}
