using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.TestSupport.Crashes;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Crashes;

/// <summary>The crash matrix at length: what the books say after so many kills (-9) under traffic.</summary>
internal sealed class CrashBenchmark : IBenchmark
{
    private const int DefaultKills = 100;

    // The committed table is of no fewer.
    private const int FullKills = 1000;
    private const int SayEvery = 50;
    private static readonly TimeSpan MayGoUnbilled = TimeSpan.FromSeconds(1);

    private int _kills = DefaultKills;

    public string Name => "crash";

    public string Description => "[--kills N] every process killed at every step of requests: what the books say after";

    public bool TryConfigure(IReadOnlyList<string> options) =>
        options.Count == 0
        || (options is ["--kills", var kills] && Counts.TryParse(kills, out _kills));

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await using var cluster = new Cluster(new ClusterShape { IsTraced = false });
        await cluster.InitializeAsync();
        var run = new CrashRun(cluster);
        await run.RunAsync(Rounds(), crash => Say(table, run), CancellationToken.None);
        var findings = await CrashFindings.ReadAsync(run, cluster, MayGoUnbilled, CancellationToken.None);

        var report = Report(run, findings).ToArray();
        foreach (var line in report.Concat(findings.Faults))
        {
            await table.WriteLineAsync(line);
        }

        if (_kills >= FullKills)
        {
            await BenchmarkPage.WriteAsync(Name, report);
        }

        return new JsonObject
        {
            ["kills"] = run.Crashes.Count,
            ["requests"] = findings.Requests,
            ["lost"] = findings.Lost,
            ["doubled"] = findings.Doubled,
            ["overbilled"] = findings.Overbilled,
            ["holds_left"] = findings.HoldsLeft,
            ["ledger_sum"] = findings.LedgerSum,
            ["unbilled_ms"] = Math.Round(findings.Unbilled.TotalMilliseconds),
        };
    }

    /// <summary>All points with streamed requests, then all with whole ones, until there are enough.</summary>
    private IEnumerable<(IReadOnlyList<CrashPoint> Points, bool Streaming)> Rounds()
    {
        var streaming = true;
        for (var left = _kills; left > 0; left -= CrashPoint.All.Count)
        {
            yield return ([.. CrashPoint.All.Take(left)], streaming);
            streaming = !streaming;
        }
    }

    private static void Say(TextWriter table, CrashRun run)
    {
        if (run.Crashes.Count % SayEvery == 0)
        {
            table.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Crashes.Count} kills, the last: {run.Crashes[^1].Point}"));
        }
    }

    private static IEnumerable<string> Report(CrashRun run, CrashFindings findings)
    {
        yield return "| killed | at | streaming | whole |";
        yield return "| --- | --- | ---: | ---: |";
        foreach (var point in CrashPoint.All.OrderBy(point => point.Victim))
        {
            var crashes = run.Crashes.Where(crash => crash.Point == point).ToArray();
            yield return Row($"| {point.Victim} | `{point.Point}` | {crashes.Count(crash => crash.Streaming)} | {crashes.Count(crash => !crash.Streaming)} |");
        }

        yield return "";
        yield return Row($"{run.Crashes.Count:N0} kills, {findings.Requests:N0} requests, of which {findings.Served:N0} were served whole. Lost: {findings.Lost}, doubled: {findings.Doubled},");
        yield return Row($"overbilled: {findings.Overbilled}, holds left: {findings.HoldsLeft}, sum of the ledger: {findings.LedgerSum}. The most that a dying gateway gave away: {findings.Unbilled.TotalMilliseconds:0} ms of tokens.");
    }

    private static string Row(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
