using System.Net;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Admission;

[Trait("Category", "Integration")]
public sealed class RateLimitTests(RedisServer redis)
{
    [Fact]
    public async Task Account_OverItsLimit_Is429WithRetryAfter()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.Record!.Limits = new KeyLimits { RequestsPerMinute = 1 };
        using var first = await market.PostAsync(Wire.Ask);

        using var second = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.InRange(int.Parse(second.Headers.GetValues("Retry-After").Single(), System.Globalization.CultureInfo.InvariantCulture), 50, 60);
        Assert.Equal(
            """{"error":{"message":"This account's limit of requests per minute is reached.","type":"requests","param":null,"code":"rate_limit_exceeded"}}""",
            await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Single(market.Scheduler.Reserves);
    }

    [Fact]
    public async Task Account_WithOneAtATime_MayAskAgainWhenAnAnswerHasEnded()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.Record!.Limits = new KeyLimits { ParallelRequests = 1 };
        using var first = await market.PostAsync(Wire.Ask);
        await market.Billing.SettledAsync(TestContext.Current.CancellationToken);

        await TestSupport.Processes.Poll.UntilAsync(
            "the ticket is back",
            async () =>
            {
                using var second = await market.PostAsync(Wire.Ask);
                return second.StatusCode == HttpStatusCode.OK;
            },
            TimeSpan.FromSeconds(5),
            TestContext.Current.CancellationToken);
    }
}
