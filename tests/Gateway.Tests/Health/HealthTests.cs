using System.Net;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Health;

/// <summary>What the gateway needs, away and back: <c>/health</c> says so, <c>/alive</c> does not mind.</summary>
[Trait("Category", "Integration")]
public sealed class HealthTests(RedisServer redis)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_RedisGoesAndComesBack_FollowsIt()
    {
        await using var own = await RedisServer.StartAsync(Token);
        await using var market = await Market.StartAsync(own);

        await own.StopAsync();
        await UntilAsync(market, HttpStatusCode.ServiceUnavailable);

        await own.RestartAsync(Token);
        await UntilAsync(market, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_SchedulerAndBillingGoAndComeBack_FollowsThem()
    {
        await using var market = await Market.StartAsync(redis);

        await market.StopServicesAsync();
        await UntilAsync(market, HttpStatusCode.ServiceUnavailable);

        await market.StartServicesAsync();
        await UntilAsync(market, HttpStatusCode.OK);
    }

    private static async Task UntilAsync(Market market, HttpStatusCode status)
    {
        using var client = new HttpClient { BaseAddress = market.Health };
        await Poll.UntilAsync($"the gateway's health is {status}", async () => await StatusAsync("/health") == status, Limit, Token);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/alive"));

        async Task<HttpStatusCode> StatusAsync(string path)
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Token);
            return answer.StatusCode;
        }
    }
}
