using System.Net;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Nodes.Tunnels;

/// <summary>A gateway that is told to stop, with another beside it.</summary>
[Trait("Category", "Integration")]
public sealed class DrainTests(RedisServer redis)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_WhileItsOwnAndARelayedStreamRun_NothingNewIsTakenAndBothEndWell()
    {
        await using var leaving = await Market.StartAsync(redis, nodes: 0);
        await using var staying = await Market.StartAsync(redis, nodes: 0);
        leaving.PlaceOn("moving");
        staying.PlaceOn("moving");
        await using var node = await TunnelledNode.StartAsync(
            "moving", leaving.Billing.HosterKey, [leaving.Public], "--Node:Tunnels=1", "--Engine:BuiltIn:TokensPerSecond=20");
        await node.UntilHealthyAsync();
        await Poll.UntilAsync("it is reported", () => !leaving.Scheduler.Reports.IsEmpty, Limit, Token);
        using var own = await Ask.StreamAsync(leaving, 60);
        using var relayed = await Ask.StreamAsync(staying, 60);

        var stopping = leaving.StopGatewayAsync();

        await Poll.UntilAsync("it is not ready any more", async () => await HealthAsync(leaving) == HttpStatusCode.ServiceUnavailable, Limit, Token);
        using var refused = await leaving.PostAsync(Ask.Body(3, stream: false));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.True(refused.Headers.ConnectionClose);
        Assert.EndsWith("data: [DONE]\n\n", await Ask.RestAsync(own), StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", await Ask.RestAsync(relayed), StringComparison.Ordinal);
        await stopping;
        Assert.Empty(leaving.Scheduler.Departures);
    }

    [Fact]
    public async Task Stop_NodeWithAnotherGateway_IsWatchedThereBeforeItsTunnelEnds()
    {
        await using var leaving = await Market.StartAsync(redis, nodes: 0);
        await using var staying = await Market.StartAsync(redis, nodes: 0);
        staying.Billing.KnowHoster(leaving.Billing.HosterKey);
        staying.PlaceOn("moving-2");
        await using var node = await TunnelledNode.StartAsync(
            "moving-2", leaving.Billing.HosterKey, [leaving.Public, staying.Public], "--Node:Tunnels=1");
        await node.UntilHealthyAsync();
        await Poll.UntilAsync("one has it", () => Has(leaving) || Has(staying), Limit, Token);
        var (first, second) = Has(leaving) ? (leaving, staying) : (staying, leaving);
        second.PlaceOn("moving-2");

        await first.StopGatewayAsync();

        // The moment the first is gone, not some time later.
        Assert.True(await node.IsHealthyAsync());
        await Poll.UntilAsync("the other has it", () => Has(second), Limit, Token);
        Assert.Equal(HttpStatusCode.OK, await Ask.StatusAsync(second));
    }

    private static bool Has(Market market) => !market.Scheduler.Reports.IsEmpty;

    private static async Task<HttpStatusCode> HealthAsync(Market market)
    {
        using var client = new HttpClient { BaseAddress = market.Health };
        using var answer = await client.GetAsync(new Uri("/health", UriKind.Relative), Token);
        return answer.StatusCode;
    }
}
