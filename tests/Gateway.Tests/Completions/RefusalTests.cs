using System.Net;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Completions;

[Trait("Category", "Integration")]
public sealed class RefusalTests(RedisServer redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Wire", "11")]
    [Trait("Wire", "12")]
    [Trait("Wire", "20")]
    [InlineData(RefusalKind.NoNode, HttpStatusCode.ServiceUnavailable, "no_capacity", true)]
    [InlineData(RefusalKind.Busy, HttpStatusCode.ServiceUnavailable, "no_capacity", true)]
    [InlineData(RefusalKind.ContextTooLong, HttpStatusCode.BadRequest, "context_length_exceeded", false)]
    [InlineData(RefusalKind.Unspecified, HttpStatusCode.ServiceUnavailable, "no_capacity", true)]
    public async Task Placement_Refused_IsItsStatusAndTakesNoMoney(RefusalKind kind, HttpStatusCode status, string code, bool retryAfter)
    {
        await using var market = await Market.StartAsync(redis);
        market.Scheduler.OnReserve = _ => new SchedulerAnswer { Refused = new Refused { Kind = kind, RetryAfterMs = 2500 } };

        using var response = await market.PostAsync(Wire.AskStream);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains($"\"code\":\"{code}\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(retryAfter ? "3" : null, response.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null);
        Assert.Equal(["x-computeshare-queue-ms"], Wire.OwnHeaders(response));
        Assert.Empty(market.Billing.Holds);
        Assert.False(market.Billing.HasSettled);
    }

    [Theory]
    [Trait("Wire", "10")]
    [InlineData("nobody/knows", HttpStatusCode.NotFound, "model_not_found")]
    [InlineData("computeshare/tiny", HttpStatusCode.ServiceUnavailable, "no_capacity")]
    public async Task Placement_KnowsNoSuchModel_Is404OnlyWhenTheCatalogueDoesNotEither(string model, HttpStatusCode status, string code)
    {
        await using var market = await Market.StartAsync(redis);
        market.Scheduler.OnReserve = _ => new SchedulerAnswer { Refused = new Refused { Kind = RefusalKind.UnknownModel } };

        using var response = await market.PostAsync(Wire.Ask.Replace("auto", model, StringComparison.Ordinal));

        Assert.Equal(status, response.StatusCode);
        Assert.Contains($"\"code\":\"{code}\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Wire", "15")]
    public async Task Hold_Refused_Is402AndTheJobIsCancelledAndNoContentLeaves()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.OnHold = _ => new BillingAnswer { HoldRefused = new HoldRefused { Available = 1, Required = 2 } };
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await FakeNode.Tokens(frames, "One");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
        };

        using var response = await market.PostAsync(Wire.AskStream);

        Assert.Equal(HttpStatusCode.PaymentRequired, response.StatusCode);
        Assert.Equal(
            """{"error":{"message":"The account's credit does not cover this request.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""",
            await response.Content.ReadAsStringAsync(Token));
        Assert.Empty((await market.Billing.SettledAsync(Token)).Shares);
        Assert.Equal(AttemptResult.Blameless, (await market.Scheduler.ReleasedAsync(Token)).Report.Result);
    }

    [Fact]
    [Trait("Wire", "15")]
    public async Task Account_WithoutCredit_Is402BeforePlacement()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.Record!.HasCredit = false;

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.PaymentRequired, response.StatusCode);
        Assert.Empty(market.Scheduler.Reserves);
    }

    [Fact]
    public async Task Billing_CannotHold_Is503()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.OnHold = _ => new BillingAnswer { Unavailable = new Contracts.Billing.Unavailable() };

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public async Task Redis_IsAway_Is503WithRetryAfter()
    {
        await using var own = await RedisServer.StartAsync(Token);
        await using var market = await Market.StartAsync(own);
        await own.StopAsync();

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.Contains("service_unavailable", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_WithFallbacks_AreAllAskedForAndTheFirstIsRepeated()
    {
        await using var market = await Market.StartAsync(redis);

        var body = await market.PostForBodyAsync(Wire.Ask.Replace("\"model\":\"auto\"", "\"models\":[\"nobody/knows\",\"auto\"]", StringComparison.Ordinal));

        Assert.Contains("\"model\":\"nobody/knows\"", body, StringComparison.Ordinal);
        Assert.Equal(["nobody/knows", "auto"], market.Scheduler.Reserves.Single().Models);
    }

    [Fact]
    public async Task Key_LimitedToSomeOfTheFallbacks_Is403()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.Record!.AllowedModels.Add("computeshare/tiny");

        using var response = await market.PostAsync(Wire.Ask.Replace("\"model\":\"auto\"", "\"models\":[\"computeshare/tiny\",\"other\"]", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(market.Scheduler.Reserves);
    }

    [Fact]
    [Trait("Wire", "6")]
    public async Task Key_LimitedToOtherModels_Is403()
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.Record!.AllowedModels.Add("computeshare/tiny");

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }
}
