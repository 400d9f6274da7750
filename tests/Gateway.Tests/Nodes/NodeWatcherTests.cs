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
}
