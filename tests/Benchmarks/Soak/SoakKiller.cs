using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>One process that was killed (-9) and started again.</summary>
/// <param name="Well">When it was healthy again.</param>
internal sealed record SoakKill(Replica Replica, DateTimeOffset At, DateTimeOffset Well);

/// <summary>
/// Kills processes by chance, one at a time, each again after the last one is well. The first of each kind is spared: it lives as long as
/// the run, among others that come and go, and shows whether anything piles up.
/// </summary>
internal sealed class SoakKiller(Cluster cluster, Random random)
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(3);

    private readonly List<SoakKill> _kills = [];

    public IReadOnlyList<SoakKill> Kills => _kills;

    public async Task RunAsync(CancellationToken stop)
    {
        Replica[] victims = [.. new[] { cluster.Gateways, cluster.Schedulers, cluster.Billings, cluster.Nodes }.SelectMany(kind => kind.Skip(1))];
        while (await PausedAsync(LeastPause + ((LongestPause - LeastPause) * random.NextDouble()), stop))
        {
            var victim = victims[random.Next(victims.Length)];
            var at = TimeProvider.System.GetUtcNow();
            await victim.KillAsync();
            await Task.Delay(LongestAway * random.NextDouble(), TimeProvider.System, CancellationToken.None);
            victim.Start();
            await victim.WaitUntilHealthyAsync(CancellationToken.None);
            _kills.Add(new SoakKill(victim, at, TimeProvider.System.GetUtcNow()));
        }
    }

    private static async Task<bool> PausedAsync(TimeSpan pause, CancellationToken stop)
    {
        await Task.Delay(pause, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }
}
