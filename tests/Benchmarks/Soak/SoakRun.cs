using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>Traffic, kills and samples side by side, for a given time.</summary>
internal sealed class SoakRun
{
    private const int Seed = 20_261_126;
    private static readonly TimeSpan SayEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RestLimit = TimeSpan.FromSeconds(60);

    public required DateTimeOffset Start { get; init; }

    public required TimeSpan Length { get; init; }

    public required IReadOnlyList<SoakAnswer> Answers { get; init; }

    public required IReadOnlyList<SoakKill> Kills { get; init; }

    public required IReadOnlyList<SoakSample> Samples { get; init; }

    /// <summary>Requests that others have asked before the run.</summary>
    public required IReadOnlySet<string> BilledBefore { get; init; }

    public static async Task<SoakRun> RunAsync(Cluster cluster, IReadOnlyList<IReadOnlyList<ChatClient>> consumers, TimeSpan length, TextWriter table)
    {
        await cluster.Books.WaitUntilClosedAsync(CancellationToken.None);
        var billedBefore = (await cluster.Books.AllAsync(CancellationToken.None)).Keys.ToHashSet();
        var (sampler, killer) = (new SoakSampler(cluster), new SoakKiller(cluster, new Random(Seed)));
        using var stop = new CancellationTokenSource();
        var start = TimeProvider.System.GetUtcNow();
        var traffic = new SoakTraffic(consumers, Seed);
        var (killing, sampling) = (killer.RunAsync(stop.Token), sampler.RunAsync(stop.Token));
        while (TimeProvider.System.GetUtcNow() - start is var past && past < length)
        {
            var rest = length - past;
            // A run whose processes do not come back is no soak.
            await Task.WhenAny(killing, Task.Delay(rest < SayEvery ? rest : SayEvery, TimeProvider.System, CancellationToken.None));
            await (killing.IsCompleted ? killing : Task.CompletedTask);
            await table.WriteLineAsync(FormattableString.Invariant(
                $"{(TimeProvider.System.GetUtcNow() - start).TotalMinutes:0.0} min: {traffic.Answers.Count} requests, {traffic.Answers.Count(answer => answer.HasFailed)} failed, {killer.Kills.Count} kills"));
        }

        await stop.CancelAsync();
        await Task.WhenAll(killing, sampling);
        length = TimeProvider.System.GetUtcNow() - start;
        await traffic.StopAsync();
        return new SoakRun
        {
            Start = start,
            Length = length,
            Answers = [.. traffic.Answers],
            Kills = killer.Kills,
            Samples = sampler.Samples,
            BilledBefore = billedBefore,
        };
    }

    /// <summary>What is taken when nothing is asked for any more.</summary>
    /// <returns>Handles of each process.</returns>
    public static async Task<IReadOnlyDictionary<string, int>> RestAsync(Cluster cluster)
    {
        await Poll.UntilAsync(
            "every slot is free", async () => await SoakLeftovers.CountSlotsAsync(cluster) == 0, RestLimit, CancellationToken.None);
        var sampler = new SoakSampler(cluster);
        sampler.Take();
        return sampler.Samples.ToDictionary(sample => sample.Process, sample => sample.Footprint.Handles);
    }
}
