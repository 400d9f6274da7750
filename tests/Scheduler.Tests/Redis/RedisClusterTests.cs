using ComputeShare.Contracts.Scheduling;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Scheduler.Tests.Redis;

/// <summary>Two Schedulers on a Redis Cluster of three masters: every script stays in one slot, and nothing depends on which master a node's keys are at.</summary>
[Trait("Category", "Integration")]
public sealed class RedisClusterTests(RedisCluster cluster) : IClassFixture<RedisCluster>, IAsyncDisposable
{
    private const int Nodes = 24;
    private const int SlotsPerNode = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly List<IAsyncDisposable> _started = [];
    private ulong _sequence;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }
    }

    [Fact]
    public async Task Schedulers_OnAClusterThatLosesAMaster_LeaseEverySlotOnceAndGoOnAfterwards()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        await ReportAllAsync(one.Session);
        // Heard over pub/sub, whichever master each was published at.
        await KnowsAllAsync(other.Session);
        Assert.All(await cluster.CountKeysAsync("{n:*}:state"), count => Assert.InRange(count, 1, Nodes - 1));

        var leases = await TakeAllAsync(one.Session, other.Session);
        // Each renews the other's leases, of nodes at all masters at once.
        await RenewsAsync(other.Session, leases);
        // A failure at one of them is known at both.
        await one.Session.ReleaseAsync(leases[0], AttemptResult.NodeFailed);
        await Task.WhenAll(leases.Skip(1).Select((lease, i) => (i % 2 == 0 ? one : other).Session.ReleaseAsync(lease)));

        // A Scheduler that comes later reads the states of all masters.
        await KnowsAllAsync((await StartAsync()).Session);

        leases = await Poll.ForAsync("every slot is free again", () => TakeAllOrNoneAsync(one.Session, other.Session), Limit, Token);
        await cluster.KillAsync(0);
        await Poll.UntilAsync("it is noticed", async () => (await RenewAsync(one.Session, leases)).Unavailable is not null, Limit, Token);
        await cluster.RestartAsync(0, Token);

        // What the master lost is taken again by renewing: nobody else gets these slots.
        await Poll.UntilAsync("both recover", async () => await TryReportAllAsync(one.Session) && await TryReportAllAsync(other.Session), Limit, Token);
        await Poll.UntilAsync("the leases are held", async () => (await RenewAsync(other.Session, leases)).Renewed is { LostLeaseIds.Count: 0 }, Limit, Token);
        Assert.NotNull((await one.Session.ReserveAsync()).Refused);
        await Task.WhenAll(leases.Select(lease => one.Session.ReleaseAsync(lease)));
        await Poll.ForAsync("every slot can be leased", () => TakeAllOrNoneAsync(one.Session, other.Session), Limit, Token);
    }

    private async Task ReportAllAsync(TestSession session) => Assert.True(await TryReportAllAsync(session));

    private async Task<bool> TryReportAllAsync(TestSession session)
    {
        _sequence++;
        var answers = await session.SendAsync([.. Enumerable.Range(0, Nodes).Select(node =>
            new SchedulerCommand { NodeReport = Reports.Of($"n{node}", slots: SlotsPerNode, sequence: _sequence) })]);
        return answers.All(answer => answer.Done is not null);
    }

    private static Task KnowsAllAsync(TestSession session) => Poll.UntilAsync("every node is known", async () =>
    {
        var explained = await session.SendAsync(new SchedulerCommand
        {
            Reserve = new Reserve { RequestId = "0198c0ffee", Models = { Reports.Model }, Slots = SlotsPerNode + 1, PromptTokens = 1, MaxTokens = 1 },
        });
        return explained.Refused.Explanation?.Candidates == Nodes;
    }, Limit, Token);

    private static async Task<Reserved[]> TakeAllAsync(TestSession one, TestSession other)
    {
        var leases = await TakeAllOrNoneAsync(one, other);
        Assert.NotNull(leases);
        return leases;
    }

    /// <summary>Every slot there is, and no more, by twice as many requests at both Schedulers.</summary>
    private static async Task<Reserved[]?> TakeAllOrNoneAsync(TestSession one, TestSession other)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 2 * Nodes * SlotsPerNode).Select(i => (i % 2 == 0 ? one : other).ReserveAsync()));
        var leases = answers.Where(answer => answer.Reserved is not null).Select(answer => answer.Reserved).ToArray();
        Assert.All(leases.GroupBy(lease => lease.NodeId), node => Assert.InRange(node.Count(), 1, SlotsPerNode));
        if (leases.Length == Nodes * SlotsPerNode)
        {
            return leases;
        }

        await Task.WhenAll(leases.Select(lease => one.ReleaseAsync(lease)));
        return null;
    }

    private static async Task RenewsAsync(TestSession session, Reserved[] leases) => Assert.Empty((await RenewAsync(session, leases)).Renewed.LostLeaseIds);

    private static Task<SchedulerAnswer> RenewAsync(TestSession session, Reserved[] leases) => session.SendAsync(new SchedulerCommand
    {
        Renew = new Renew { Leases = { leases.Select(lease => new LeaseRef { LeaseId = lease.LeaseId, NodeId = lease.NodeId }) } },
    });

    private async Task<(TestScheduler Scheduler, TestSession Session)> StartAsync()
    {
        var scheduler = await TestScheduler.StartAsync(
            cluster.ConnectionString, "--Leases:Life=00:05:00", "--Nodes:Life=00:05:00", "--CoolDowns:First=00:00:00.010", "--CoolDowns:Longest=00:00:00.010");
        _started.Add(scheduler);
        await Poll.UntilAsync("Redis is connected", async () => await scheduler.HealthAsync("/health") == "Healthy", Limit, Token);
        var session = scheduler.OpenSession();
        _started.Add(session);
        return (scheduler, session);
    }
}
