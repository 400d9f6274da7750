using System.Diagnostics;
using System.Net;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Nodes;

[Trait("Category", "Integration")]
public sealed class NodeWatcherTests(RedisServer redis)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Node_Watched_IsReportedWithItsModelsAndPrices()
    {
        await using var market = await Market.StartAsync(redis);

        await Poll.UntilAsync("the node is reported", () => !market.Scheduler.Reports.IsEmpty, Limit, TestContext.Current.CancellationToken);

        Assert.True(market.Scheduler.Reports.TryPeek(out var report));
        Assert.Equal(("node-0", "first", "demo-hoster"), (report.State.NodeId, report.State.Incarnation, report.HosterName));
        var offer = Assert.Single(report.Offers);
        Assert.Equal(("tiny", "computeshare/tiny", "price-node-0", true), (offer.LocalName, offer.ModelId, offer.Price.PriceId, offer.InCatalogue));
    }

    [Fact]
    public async Task Scheduler_SessionIsNew_IsToldEveryNodeAgain()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2);
        await Poll.UntilAsync("both are reported", () => market.Scheduler.Reports.Count >= 2, Limit, TestContext.Current.CancellationToken);
        var before = market.Scheduler.Reports.Count;

        market.Scheduler.EndSessions();

        await Poll.UntilAsync("both are reported again", () => market.Scheduler.Reports.Count >= before + 2, Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Node_StateIsOutOfBounds_IsRefusedAndToldToNobody()
    {
        await using var market = await Market.StartAsync(redis, nodes: 0);
        var service = await market.StartNodeAsync(new FakeNode { OnState = state => state.EngineVersion = new string('1', 257) });

        using var refused = await market.JoinAsync("gpu-1", service.Address);

        var answer = await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("node_not_acceptable", answer, StringComparison.Ordinal);
        Assert.Contains("at most 256 characters of engine_version", answer, StringComparison.Ordinal);
        Assert.Empty(market.Scheduler.Reports);
        Assert.All(market.Billing.Registrations, registration => Assert.Empty(registration.Models));
    }

    [Fact]
    public async Task Node_LaterStateIsOutOfBounds_IsGone()
    {
        await using var market = await Market.StartAsync(redis, nodes: 0);
        var version = "1";
        var node = new FakeNode { Heartbeat = TimeSpan.FromMilliseconds(50), OnState = state => state.EngineVersion = version };
        var service = await market.StartNodeAsync(node);

        using var joined = await market.JoinAsync("gpu-1", service.Address);
        Assert.Equal(HttpStatusCode.OK, joined.StatusCode);
        version = new string('1', 257);

        await Poll.UntilAsync("the node is gone", () => !market.Scheduler.Departures.IsEmpty, Limit, TestContext.Current.CancellationToken);
        Assert.All(market.Scheduler.Reports, report => Assert.Equal("1", report.State.EngineVersion));
    }

    [Fact]
    public async Task Node_FloodsStates_TheNewestAreReportedAtAPace()
    {
        await using var market = await Market.StartAsync(redis, nodes: 0);
        var service = await market.StartNodeAsync(new FakeNode { Heartbeat = TimeSpan.FromMilliseconds(1) });
        var watch = Stopwatch.StartNew();

        using var joined = await market.JoinAsync("gpu-1", service.Address);
        await Poll.UntilAsync("four states are reported", () => market.Scheduler.Reports.Count >= 4, Limit, TestContext.Current.CancellationToken);

        // Three pauses of 200 ms, whose timers may be a little early.
        Assert.True(watch.Elapsed > TimeSpan.FromMilliseconds(550));
        Assert.True(market.Scheduler.Reports.ElementAt(3).State.Sequence > 4);
    }
}
