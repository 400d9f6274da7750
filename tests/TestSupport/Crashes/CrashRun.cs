using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.TestSupport.Crashes;

/// <summary>
/// Kills (-9) one process after the other at chosen steps of requests, while consumers ask at every gateway, and starts it again. Whoever
/// reaches an armed step first dies there; until it is back, the others of its kind serve. A gateway dies only when Billing and
/// PostgreSQL have been well for a while: what it may lose of the money is what one crash may cost, not two.
/// </summary>
internal sealed class CrashRun(Cluster cluster)
{
    private const int ConsumersPerGateway = 3;
    private static readonly int[] Lengths = [3, 12, 40];
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(60);

    private readonly List<Crash> _crashes = [];
    private readonly List<(int Gateway, ChatAnswer Answer)> _answers = [];
    private readonly Dictionary<CrashVictim, Task> _recoveries = [];

    public IReadOnlyList<Crash> Crashes => _crashes;

    public IReadOnlyList<(int Gateway, ChatAnswer Answer)> Answers => _answers;

    /// <summary>Requests that others have asked before the run.</summary>
    public IReadOnlySet<string> BilledBefore { get; private set; } = new HashSet<string>();

    /// <param name="rounds">Points, and whether the requests under way meanwhile are streamed or whole.</param>
    public async Task RunAsync(
        IEnumerable<(IReadOnlyList<CrashPoint> Points, bool Streaming)> rounds, Action<Crash> happened, CancellationToken cancellationToken)
    {
        await cluster.Books.WaitUntilClosedAsync(cancellationToken);
        BilledBefore = (await cluster.Books.AllAsync(cancellationToken)).Keys.ToHashSet();
        foreach (var (points, streaming) in rounds)
        {
            await using var traffic = new Traffic(cluster.Clients, [.. Enumerable.Repeat(streaming, ConsumersPerGateway)], Lengths, Pause);
            foreach (var point in points)
            {
                await BeReadyForAsync(point.Victim, traffic, cancellationToken);
                var crash = await KillAsync(point, streaming, cancellationToken);
                _crashes.Add(crash);
                happened(crash);
            }

            await Task.WhenAll(_recoveries.Values);
            await traffic.StopAsync();
            _answers.AddRange(traffic.Answers);
        }
    }

    private async Task BeReadyForAsync(CrashVictim victim, Traffic traffic, CancellationToken cancellationToken)
    {
        CrashVictim[] wellBefore = victim == CrashVictim.Gateway
            ? [CrashVictim.Gateway, CrashVictim.Billing, CrashVictim.Postgres]
            : [victim];
        var recovering = wellBefore.Where(_recoveries.ContainsKey).Select(each => _recoveries[each]).ToArray();
        await Task.WhenAll(recovering);
        if (recovering.Length > 0)
        {
            // Longer than a checkpoint takes: the longest answers are among them.
            await traffic.WaitUntilServedAsync(Lengths.Length, cluster.Clients.Count, cancellationToken);
        }
    }

    private async Task<Crash> KillAsync(CrashPoint point, bool streaming, CancellationToken cancellationToken)
    {
        cluster.Faults.Arm(point.Point, point.Victim == CrashVictim.Postgres ? "wait" : "kill");
        await Poll.UntilAsync($"{point} is reached", () => cluster.Faults.IsReached(point.Point), ReachLimit, cancellationToken);
        if (point.Victim == CrashVictim.Postgres)
        {
            await cluster.Postgres.KillAsync();
            var at = TimeProvider.System.GetUtcNow();
            cluster.Faults.Clear(point.Point);
            _recoveries[point.Victim] = cluster.Postgres.RestartAsync(cancellationToken);
            return new Crash(point, streaming, null, at);
        }

        var died = TimeProvider.System.GetUtcNow();
        Replica? dead = null;
        await Poll.UntilAsync(
            $"{point} has died", () => (dead = Of(point.Victim).FirstOrDefault(replica => !replica.IsRunning)) is not null, ReachLimit, cancellationToken);
        cluster.Faults.Clear(point.Point);
        _recoveries[point.Victim] = RestartAsync(dead!, cancellationToken);
        return new Crash(point, streaming, dead, died);
    }

    private IReadOnlyList<Replica> Of(CrashVictim victim) => victim switch
    {
        CrashVictim.Gateway => cluster.Gateways,
        CrashVictim.Scheduler => cluster.Schedulers,
        CrashVictim.Node => cluster.Nodes,
        CrashVictim.Billing => cluster.Billings,
        _ => throw new ArgumentOutOfRangeException(nameof(victim), victim, "It has no replicas."),
    };

    private static async Task RestartAsync(Replica dead, CancellationToken cancellationToken)
    {
        await dead.KillAsync();
        dead.Start();
        await dead.WaitUntilHealthyAsync(cancellationToken);
    }
}
