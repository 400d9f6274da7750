using System.Globalization;
using System.Net;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Admission;

[Trait("Category", "Integration")]
public sealed class RateLimitTests(RedisServer redis)
{
    [Fact]
    [Trait("Wire", "16")]
    [Trait("Wire", "18")]
    public async Task Account_OverItsLimit_Is429WithRetryAfter()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.Record!.Limits = new KeyLimits { RequestsPerMinute = 1 };
        using var first = await market.PostAsync(Wire.Ask);

        using var second = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.InRange(Number(second, "Retry-After"), 50, 60);
        Assert.InRange(Number(second, "retry-after-ms"), 50_000, 60_000);
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

    [Fact]
    [Trait("Wire", "23")]
    public async Task Answers_OfALimitedAccount_TellWhatIsLeft()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.Record!.Limits = new KeyLimits { RequestsPerMinute = 2 };
        market.Billing.Record.KeyLimits = new KeyLimits { TokensPerMinute = 100_000 };

        using var whole = await market.PostAsync(Wire.Ask);
        using var stream = await market.PostAsync(Wire.Ask[..^1] + ""","stream":true}""");
        using var refused = await market.PostAsync(Wire.Ask);

        HttpResponseMessage[] answers = [whole, stream, refused];
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], answers.Select(answer => answer.StatusCode));
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType?.MediaType);
        Assert.All(answers, answer => Assert.Equal((2, 100_000), (Number(answer, "x-ratelimit-limit-requests"), Number(answer, "x-ratelimit-limit-tokens"))));
        Assert.Equal([1, 0, 0], answers.Select(answer => Number(answer, "x-ratelimit-remaining-requests")));
        // What the first two reserved and did not use is back when the third one asks, or not yet.
        Assert.All(answers, answer => Assert.InRange(Number(answer, "x-ratelimit-remaining-tokens"), 90_000, 100_000));
        Assert.NotEqual(100_000, Number(whole, "x-ratelimit-remaining-tokens"));
        Assert.All(answers, answer => Assert.Matches("^([0-9]+m)?[0-9]+([.][0-9]{1,3})?s$", Header(answer, "x-ratelimit-reset-requests")));
        Assert.All(answers, answer => Assert.Matches("^[0-9.]+m?s$", Header(answer, "x-ratelimit-reset-tokens")));
    }

    [Fact]
    public async Task Answers_OfAnAccountWithoutLimits_TellNothing()
    {
        await using var market = await Market.StartAsync(redis);

        using var answer = await market.PostAsync(Wire.Ask);

        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase));
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();

    private static int Number(HttpResponseMessage answer, string name) => int.Parse(Header(answer, name), CultureInfo.InvariantCulture);
}
