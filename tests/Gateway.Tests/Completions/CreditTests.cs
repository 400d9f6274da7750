using System.Net;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Completions;

[Trait("Category", "Integration")]
public sealed class CreditTests(RedisServer redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Wire", "58")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Credit_EndsMidway_IsLengthWithTheReasonAndExactlyWhatWasHeldIsPaid(bool stream)
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.OnHold = hold => new BillingAnswer { Held = new Held { Amount = 1, CompletionTokens = Math.Min(hold.CompletionTokens, 2) } };

        var body = await market.PostForBodyAsync(stream ? Wire.AskStream : Wire.Ask);

        Assert.Contains("\"finish_reason\":\"length\"", body, StringComparison.Ordinal);
        Assert.Contains("\"computeshare\":{\"reason\":\"credit\"}", body, StringComparison.Ordinal);
        Assert.DoesNotContain("three", body, StringComparison.Ordinal);
        var settle = await market.Billing.SettledAsync(Token);
        Assert.Equal(("credit_ended", 2u), (settle.Record.Outcome, Assert.Single(settle.Shares).CompletionTokens));
    }

    [Theory]
    [InlineData(3_600_000ul, "3600", "false")]
    [InlineData(20_000ul, "20", null)]
    [InlineData(0ul, null, "false")]
    public async Task Hold_RefusedForASpendCap_Is429UntilItsWindowBeginsAnew(ulong resetsInMs, string? retryAfter, string? shouldRetry)
    {
        await using var market = await Market.StartAsync(redis);
        market.Billing.OnHold = _ => new BillingAnswer { HoldRefused = new HoldRefused { Reason = HoldRefusal.SpendCap, RetryAfterMs = resetsInMs } };

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Contains("\"code\":\"spend_cap_reached\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(retryAfter, response.Headers.TryGetValues("Retry-After", out var after) ? after.Single() : null);
        Assert.Equal(shouldRetry, response.Headers.TryGetValues("x-should-retry", out var should) ? should.Single() : null);
        Assert.Empty((await market.Billing.SettledAsync(Token)).Shares);
    }

    [Fact]
    [Trait("Wire", "58")]
    public async Task Hold_HalfUsed_GrowsBeforeItIsNeeded()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Admission:FirstHoldTokens=8", "--Admission:HoldGrowthTokens=4");
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Says(frames, [.. Enumerable.Repeat("word ", 20)]);

        await market.PostForBodyAsync(Wire.AskStream);

        Assert.Equal(20u, Assert.Single((await market.Billing.SettledAsync(Token)).Shares).CompletionTokens);
        Assert.Equal(8u, market.Billing.Holds.First().CompletionTokens);
        Assert.Equal(Enumerable.Range(1, market.Billing.Holds.Count).Select(seq => (uint)seq), market.Billing.Holds.Select(hold => hold.Seq));
        Assert.All(market.Billing.Holds.Zip(market.Billing.Holds.Skip(1)), pair => Assert.Equal(4u, pair.Second.CompletionTokens - pair.First.CompletionTokens));
    }

    [Theory]
    [Trait("Wire", "58")]
    [InlineData("", 1024u)]
    [InlineData("\"max_tokens\":5,", 5u)]
    [InlineData("\"max_tokens\":5,\"n\":3,", 15u)]
    [InlineData("\"max_tokens\":5,\"max_completion_tokens\":6,", 6u)]
    [InlineData("\"max_tokens\":100000,\"n\":2,", 2048u)]
    public async Task Hold_First_IsModest(string fields, uint tokens)
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (request, frames, cancelled) => frames.WriteAsync(
            new Frame { Finished = new Finished { FinishReasons = { Enumerable.Repeat(FinishReason.Stop, (int)request.Slots) } } }, cancelled);

        await market.PostForBodyAsync($$"""{"model":"auto",{{fields}}"messages":[{"role":"user","content":"Hi"}]}""");

        var hold = market.Billing.Holds.Single();
        Assert.Equal((tokens, 1u, "price-node-0"), (hold.CompletionTokens, hold.MinCompletionTokens, hold.PriceId));
        Assert.Equal(2u + 8 + 16, hold.PromptTokens);
    }

    [Fact]
    public async Task Tokens_NodeClaimsMoreThanItsTextHasBytes_OnlyBytesArePaid()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await frames.WriteAsync(new Frame { Delta = new Delta { Text = "abc", TokenCount = 500 } }, cancelled);
            await FakeNode.Ends(frames, 500);
        };

        await market.PostForBodyAsync(Wire.Ask);

        var settle = await market.Billing.SettledAsync(Token);
        Assert.Equal(3u, Assert.Single(settle.Shares).CompletionTokens);
        Assert.Equal(500u, settle.Record.EngineCounts.CompletionTokens);
    }

    [Fact]
    public async Task OpenStream_IsReportedInCheckpoints()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Settlement:CheckpointEvery=00:00:00.1");
        var wait = new TaskCompletionSource();
        market.Nodes[0].OnGenerate = async (_, frames, _) =>
        {
            await FakeNode.Tokens(frames, "One", " two");
            await wait.Task;
            await FakeNode.Ends(frames, 2);
        };

        using var response = await market.PostAsync(Wire.AskStream, untilHeaders: true);
        await TestSupport.Processes.Poll.UntilAsync(
            "a checkpoint has two tokens",
            () => market.Billing.Checkpoints.Any(checkpoint => checkpoint.Streams.Any(stream => stream.Shares.Any(share => share.CompletionTokens == 2))),
            TimeSpan.FromSeconds(10),
            Token);
        wait.SetResult();

        Assert.NotEmpty(await response.Content.ReadAsStringAsync(Token));
    }
}
