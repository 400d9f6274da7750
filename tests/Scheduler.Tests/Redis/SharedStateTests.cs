using ComputeShare.Contracts.Scheduling;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Scheduler.Tests.Redis;

/// <summary>Two Schedulers on one Redis, and a Redis that goes away.</summary>
[Trait("Category", "Integration")]
public sealed class SharedStateTests(RedisServer redis) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly List<IAsyncDisposable> _started = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await redis.FlushAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }
    }

    [Fact]
    public async Task Report_AtOneScheduler_IsKnownAtTheOther()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        await one.Session.ReportAsync(Reports.Of("n1"));

        await ServesAsync(other.Session);

        await one.Session.SendAsync(new SchedulerCommand { NodeGone = new NodeGone { NodeId = "n1", Incarnation = "first", LastSequence = 1 } });
        await Poll.UntilAsync("the other forgets the node", async () => (await other.Session.ReserveAsync()).Refused?.Kind == RefusalKind.NoNode, Limit, Token);
    }

    [Fact]
    public async Task Start_StatesInRedis_AreTakenOver()
    {
        var one = await StartAsync();
        await one.Session.ReportAsync(Reports.Of("n1"));

        await ServesAsync((await StartAsync()).Session);
    }

    [Fact]
    public async Task Session_OpenedBeforeTheStatesAreRead_StandsWhenTheyAre()
    {
        var one = await StartAsync();
        await one.Session.ReportAsync(Reports.Of("n1"));
        var late = await TestScheduler.StartAsync(redis.ConnectionString, "--Faults:scheduler.load=delay:500@1");
        _started.Add(late);
        var session = late.OpenSession();
        _started.Add(session);

        Assert.NotNull((await session.ReserveAsync()).Reserved);
    }

    [Fact]
    public async Task Reserve_AtBothAtOnce_NeverGivesASlotTwice()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        await one.Session.ReportAsync(Reports.Of("n1", slots: 5));
        await other.Session.ReportAsync(Reports.Of("n1", slots: 5));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? one : other).Session.ReserveAsync()));

        Assert.Equal(5, answers.Count(answer => answer.Reserved is not null));
        Assert.All(answers.Where(answer => answer.Reserved is null), answer => Assert.Equal(RefusalKind.Busy, answer.Refused.Kind));
    }

    [Fact]
    public async Task Release_AtOneScheduler_ServesWhoWaitsAtTheOther()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        await one.Session.ReportAsync(Reports.Of("n1", slots: 1));
        await other.Session.ReportAsync(Reports.Of("n1", slots: 1));
        var lease = (await one.Session.ReserveAsync()).Reserved;
        var waiting = other.Session.ReserveAsync(waitMs: 15_000);
        await Poll.UntilAsync("it waits", () => other.Scheduler.Waiting == 1, Limit, Token);

        await one.Session.ReleaseAsync(lease);

        Assert.NotNull((await waiting).Reserved);
    }

    [Fact]
    public async Task Redis_Flushed_IsRefilledFromTheStatesThatKeepComing()
    {
        var one = await StartAsync();
        await one.Session.ReportAsync(Reports.Of("n1", sequence: 1));
        await redis.FlushAsync();

        Assert.NotNull((await one.Session.ReserveAsync()).Reserved);
        await one.Session.ReportAsync(Reports.Of("n1", sequence: 2));

        await ServesAsync((await StartAsync()).Session);
    }

    [Fact]
    public async Task Redis_GoesAndComesBack_UnavailableThenAsBefore()
    {
        var (one, other) = (await StartAsync(), await StartAsync());
        await one.Session.ReportAsync(Reports.Of("n1", sequence: 1));
        var held = (await one.Session.ReserveAsync()).Reserved;
        try
        {
            await redis.StopAsync();
            await Poll.UntilAsync("it is noticed", async () => (await one.Session.ReserveAsync()).Unavailable is not null, Limit, Token);

            Assert.NotNull((await one.Session.ReleaseAsync(held)).Unavailable);
            Assert.NotNull((await one.Session.ReportAsync(Reports.Of("n1", sequence: 2))).Unavailable);
            Assert.Equal("Unhealthy", await one.Scheduler.HealthAsync("/health"));
            Assert.Equal("Healthy", await one.Scheduler.HealthAsync("/alive"));
        }
        finally
        {
            await redis.RestartAsync(Token);
        }

        await Poll.UntilAsync("it recovers", async () => await one.Scheduler.HealthAsync("/health") == "Healthy", Limit, Token);
        await one.Session.ReportAsync(Reports.Of("n1", sequence: 3));
        await ServesAsync(one.Session);
        await ServesAsync(other.Session);
        // The listeners stand again too, not only the commands.
        await Poll.UntilAsync("the other hears of a new node", async () =>
        {
            await one.Session.ReportAsync(Reports.Of("n2", change: Reports.Only(report => Reports.Add(report, "acme/new"))));
            return (await other.Session.ReserveAsync("acme/new")).Reserved is not null;
        }, Limit, Token);
    }

    [Fact]
    public async Task Start_RedisIsNotUpYet_ServesWhenItComes()
    {
        await redis.StopAsync();
        (TestScheduler Scheduler, TestSession Session) one;
        try
        {
            one = await StartAsync(healthy: false);
            Assert.NotNull((await one.Session.ReportAsync(Reports.Of("n1"))).Unavailable);
            Assert.NotNull((await one.Session.ReserveAsync()).Unavailable);
        }
        finally
        {
            await redis.RestartAsync(Token);
        }

        await ServesAsync(one.Session);
    }

    private static Task ServesAsync(TestSession session) => Poll.UntilAsync("a slot is leased", async () =>
    {
        var answer = await session.ReserveAsync();
        if (answer.Reserved is not null)
        {
            await session.ReleaseAsync(answer.Reserved);
        }

        return answer.Reserved is not null;
    }, Limit, Token);

    private async Task<(TestScheduler Scheduler, TestSession Session)> StartAsync(bool healthy = true)
    {
        var scheduler = await TestScheduler.StartAsync(redis.ConnectionString);
        _started.Add(scheduler);
        if (healthy)
        {
            await Poll.UntilAsync("Redis is connected", async () => await scheduler.HealthAsync("/health") == "Healthy", Limit, Token);
        }

        var session = scheduler.OpenSession();
        _started.Add(session);
        return (scheduler, session);
    }
}
