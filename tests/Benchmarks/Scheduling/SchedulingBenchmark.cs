using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Benchmarks.Scheduling;

/// <summary>
/// Reserve and release through a Scheduler process, beside the same two scripts sent by a bare client, at the same depth, to the same
/// Redis, in alternating rounds.
/// </summary>
internal sealed class SchedulingBenchmark : IBenchmark
{
    /// <summary>Operations in flight.</summary>
    public const int Depth = 256;

    private const int Rounds = 5;
    private static readonly int[] LiveNodes = [10, 1_000, 10_000];
    private static readonly TimeSpan FirstWarm = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    public string Name => "scheduling";

    public string Description => "reserves and releases per second through a Scheduler, beside its bare scripts";

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await table.WriteLineAsync($"{Depth} operations in flight; a reserve and a release are one operation each; medians of {Rounds} rounds of {Round.TotalSeconds} s");
        await table.WriteLineAsync(" nodes  operations/s     bare/s     eval/s  ratio  Scheduler's CPU µs/operation");
        var figures = new JsonObject();
        await using var redis = await RedisServer.StartAsync(CancellationToken.None);
        await using var scheduler = await SchedulerProcess.StartAsync(redis.ConnectionString);
        await using var session = await scheduler.OpenSessionAsync();
        await using var bare = await BareScripts.ConnectAsync(redis.ConnectionString);
        foreach (var nodes in LiveNodes)
        {
            await session.ReportAsync(nodes);
            // Compiled for good before anything is measured, and the index in the caches.
            await session.RunAsync(figures.Count == 0 ? FirstWarm : Warm);
            await bare.LeaseAsync(Warm);
            var figure = await MeasureAsync(nodes, scheduler, session, bare);
            figures[nodes.ToString(CultureInfo.InvariantCulture)] = figure;
            await table.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{nodes,6}  {figure["operations_per_second"],12}  {figure["bare_per_second"],9}  {figure["eval_per_second"],9}  {figure["ratio"],5}  {figure["cpu_us"],5}"));
        }

        return figures;
    }

    private static async Task<JsonObject> MeasureAsync(int nodes, SchedulerProcess scheduler, SessionLoad session, BareScripts bare)
    {
        var (operations, scripts, evals, cpu) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            // Well within the nodes' life, which the reports begin anew.
            await session.ReportAsync(nodes);
            // What the reports have left to do is nobody's cost here.
            await bare.LeaseAsync(Warm / 4);
            scripts.Add(await bare.LeaseAsync(Round));
            var before = scheduler.ProcessorTime;
            var rate = await session.RunAsync(Round);
            operations.Add(rate);
            cpu.Add((scheduler.ProcessorTime - before).TotalMicroseconds / (rate * Round.TotalSeconds));
            evals.Add(await bare.EvalAsync(Round / 2));
        }

        return new JsonObject
        {
            ["depth"] = Depth,
            ["operations_per_second"] = Math.Round(Median.Of(operations)),
            ["bare_per_second"] = Math.Round(Median.Of(scripts)),
            ["eval_per_second"] = Math.Round(Median.Of(evals)),
            // Of neighbouring rounds: what else runs on the machine changes slower than they do.
            ["ratio"] = Math.Round(Median.Of(operations.Zip(scripts, (through, beside) => through / beside)), 2),
            ["cpu_us"] = Math.Round(Median.Of(cpu), 1),
        };
    }
}
