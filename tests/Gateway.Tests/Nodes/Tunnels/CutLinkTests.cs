using System.Net;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Nodes.Tunnels;

/// <summary>A link that is away for five seconds, with the product's own deadlines and pings: nothing may be lost.</summary>
[Trait("Category", "Integration")]
public sealed class CutLinkTests(RedisServer redis)
{
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Link_CutForFiveSeconds_TunnelAndStreamGoOn(bool underAStream)
    {
        await using var market = await Market.StartAsync(redis, nodes: 0);
        market.PlaceOn("cut-off");
        await using var link = new FaultyLink(market.Public);
        await using var node = await TunnelledNode.StartAsync(
            "cut-off", market.Billing.HosterKey, [link.Address], "--Node:Tunnels=1", "--Engine:BuiltIn:TokensPerSecond=20");
        await node.UntilHealthyAsync();
        await Poll.UntilAsync("the node is reported", () => !market.Scheduler.Reports.IsEmpty, Limit, Token);
        var stream = underAStream ? await Ask.StreamAsync(market, 40) : null;

        link.Cut();
        await Task.Delay(Cut, TimeProvider.System, Token);
        link.Mend();

        if (stream is not null)
        {
            Assert.EndsWith("data: [DONE]\n\n", await Ask.RestAsync(stream), StringComparison.Ordinal);
            stream.Dispose();
        }

        Assert.Equal(HttpStatusCode.OK, await Ask.StatusAsync(market));
        Assert.Equal(1, link.Accepted);
        Assert.Empty(market.Scheduler.Departures);
    }
}
