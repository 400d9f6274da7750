using ComputeShare.Contracts.Scheduling;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Grpc.Core;

namespace ComputeShare.Scheduler.Tests.Nodes;

/// <summary>What hosters are told of their nodes: the same by every Scheduler, with a real Redis behind them.</summary>
[Trait("Category", "Integration")]
public sealed class LiveNodesTests(RedisServer redis) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

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
    public async Task Nodes_BusyAndCoolingDown_AreToldAlikeByEveryScheduler()
    {
        var ((one, session), (other, _)) = (await StartAsync(), await StartAsync());
        await session.ReportAsync(Reports.Of("n1"));
        await session.ReportAsync(Reports.Of("n2", change: Reports.Only(report => Reports.Add(report, "acme/other"))));
        await session.ReserveAsync();
        await session.ReserveAsync(slots: 2);
        await session.ReleaseAsync((await session.ReserveAsync("acme/other")).Reserved, AttemptResult.NodeFailed, "first_token_deadline");
        await Poll.UntilAsync("the other knows both", async () => (await ListAsync(other, "n1", "n2")).Count == 2, Limit, Token);

        foreach (var scheduler in new[] { one, other })
        {
            var nodes = await ListAsync(scheduler, "n2", "nobody", "n1");
            Assert.Equal(["n2", "n1"], nodes.Select(node => node.Report.State.NodeId));
            Assert.Equal((3u, 0u, 0L), (nodes[1].SlotsTaken, nodes[1].Failures, nodes[1].CoolsUntil));
            Assert.Equal((0u, 1u, "first_token_deadline"), (nodes[0].SlotsTaken, nodes[0].Failures, nodes[0].FailureOutcome));
            Assert.Equal("acme/other", Assert.Single(nodes[0].Measures).ModelId);
        }

        var (here, there) = ((await ListAsync(one, "n2"))[0], (await ListAsync(other, "n2"))[0]);
        Assert.Equal((here.CoolsUntil, here.Since), (there.CoolsUntil, there.Since));
        Assert.True(here.CoolsUntil > here.Since);
    }

    [Fact]
    public async Task Since_OfAProcess_LastsUntilItLeavesOrAnotherTakesItsPlace()
    {
        var (scheduler, session) = await StartAsync();
        await session.ReportAsync(Reports.Of("n1", sequence: 1));
        var first = await SinceAsync();

        await session.ReportAsync(Reports.Of("n1", sequence: 2));
        Assert.Equal(first, await SinceAsync());

        await TickAsync(scheduler);
        await session.ReportAsync(Reports.Of("n1", sequence: 3, incarnation: "second"));
        var second = await SinceAsync();
        Assert.True(second > first);

        await TickAsync(scheduler);
        await session.SendAsync(new SchedulerCommand { NodeGone = new NodeGone { NodeId = "n1", Incarnation = "second", LastSequence = 3 } });
        Assert.Empty(await ListAsync(scheduler, "n1"));
        await session.ReportAsync(Reports.Of("n1", sequence: 4, incarnation: "second"));
        Assert.True(await SinceAsync() > second);

        async Task<long> SinceAsync() => Assert.Single(await ListAsync(scheduler, "n1")).Since;
    }

    [Fact]
    public async Task Market_ByTheService_IsOfItsNodes()
    {
        var (scheduler, session) = await StartAsync();
        await session.ReportAsync(Reports.Of("n1", change: Reports.Price(50)));

        using var channel = scheduler.OpenChannel();
        var market = await Client(channel).GetMarketAsync(new GetMarketRequest(), cancellationToken: Token);

        Assert.Equal((Reports.Model, 50L), (market.Models.Single().ModelId, market.Models.Single().Output.Median));
    }

    // The next report is a millisecond of Redis' clock later, at least.
    private static Task TickAsync(TestScheduler scheduler) =>
        Poll.UntilAsync("Redis' clock goes on", async () => (await ListAsync(scheduler, "n1"))[0].UptimeMs > 0, Limit, Token);

    private static async Task<IReadOnlyList<LiveNode>> ListAsync(TestScheduler scheduler, params string[] nodes)
    {
        using var channel = scheduler.OpenChannel();
        return [.. (await Client(channel).ListNodesAsync(new ListNodesRequest { NodeIds = { nodes } }, cancellationToken: Token)).Nodes];
    }

    private static Contracts.Scheduling.Scheduler.SchedulerClient Client(ChannelBase channel) => new(channel.WithSecret(TestScheduler.Secret));

    private async Task<(TestScheduler Scheduler, TestSession Session)> StartAsync()
    {
        var scheduler = await TestScheduler.StartAsync(redis.ConnectionString, "--CoolDowns:FirstHalfDead=00:00:30");
        var session = scheduler.OpenSession();
        _started.AddRange([scheduler, session]);
        return (scheduler, session);
    }
}
