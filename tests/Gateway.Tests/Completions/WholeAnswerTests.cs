using System.Net;
using System.Text;
using System.Text.Json;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Completions;

[Trait("Category", "Integration")]
public sealed class WholeAnswerTests(RedisServer redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Wire", "27")]
    [Trait("Wire", "28")]
    [Trait("Wire", "30")]
    public async Task Completion_Plain_IsTheDocumentedBytes()
    {
        await using var market = await Market.StartAsync(redis);

        var body = await market.PostForBodyAsync(Wire.Ask);

        Assert.Equal(
            """{"id":"chatcmpl-ID","object":"chat.completion","created":0,"model":"auto","choices":[{"index":0,"message":{"role":"assistant","content":"One two three","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":0}}}""",
            body);
        Assert.Equal(3u, Assert.Single((await market.Billing.SettledAsync(Token)).Shares).CompletionTokens);
    }

    [Fact]
    [Trait("Wire", "56")]
    public async Task Completion_TwoNodesFail_TheThirdServesAndOnlyItIsPaid()
    {
        await using var market = await Market.StartAsync(redis, nodes: 3);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.EngineError);
        market.Nodes[1].OnGenerate = (_, frames, _) => FakeNode.Tokens(frames, "half", " an", " answer");

        using var response = await market.PostAsync(Wire.Ask);
        var body = await response.Content.ReadAsStringAsync(Token);

        Assert.Contains("\"content\":\"One two three\"", body, StringComparison.Ordinal);
        Assert.Equal("3", response.Headers.GetValues("x-computeshare-attempts").Single());
        var share = Assert.Single((await market.Billing.SettledAsync(Token)).Shares);
        Assert.Equal(("node-2", "price-node-2", 3u), (share.NodeId, share.PriceId, share.CompletionTokens));
        Assert.Equal(["node-0", "node-1"], market.Scheduler.Reserves.Last().ExcludeNodes);
        await Poll.UntilAsync("all leases are back", () => market.Scheduler.Releases.Count == 3, TimeSpan.FromSeconds(5), Token);
        Assert.Equal(
            [AttemptResult.NodeFailed, AttemptResult.NodeFailed, AttemptResult.Succeeded],
            market.Scheduler.Releases.OrderBy(release => release.NodeId).Select(release => release.Report.Result));
    }

    [Fact]
    public async Task Completion_LeasesThatNeedNoHurry_AreGivenBackAllTheSame()
    {
        await using var market = await Market.StartAsync(redis);
        market.Scheduler.OnLease = lease => lease.NoHurry = true;

        foreach (var response in await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => market.PostAsync(Wire.Ask))))
        {
            response.Dispose();
        }

        await Poll.UntilAsync("all leases are back", () => market.Scheduler.Releases.Count == 3, TimeSpan.FromSeconds(5), Token);
        Assert.Equal(3, market.Scheduler.Releases.DistinctBy(release => release.LeaseId).Count());
    }

    [Fact]
    public async Task Completion_ClientLeavesAfterAFailedAttempt_PaysNothing()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2);
        using var client = market.CreateClient();
        using var leaving = new CancellationTokenSource();
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Tokens(frames, "half", " an", " answer");
        market.Scheduler.OnReserve = reserve =>
        {
            if (reserve.Attempt == 2)
            {
                leaving.Cancel();
            }

            return null;
        };
        market.Nodes[1].OnGenerate = (_, _, cancelled) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);

        using var content = new StringContent(Wire.Ask, Encoding.UTF8, "application/json");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, leaving.Token));

        var settle = await market.Billing.SettledAsync(Token);
        Assert.Empty(settle.Shares);
        Assert.Equal("client_left", settle.Record.Outcome);
    }

    [Fact]
    [Trait("Wire", "17")]
    [Trait("Wire", "19")]
    [Trait("Wire", "57")]
    public async Task Completion_ThreeNodesFail_Is502NotToBeRetriedAndFree()
    {
        await using var market = await Market.StartAsync(redis, nodes: 4);
        foreach (var node in market.Nodes)
        {
            node.OnGenerate = (_, frames, _) => FakeNode.Tokens(frames, "half");
        }

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
        Assert.Equal("3", response.Headers.GetValues("x-computeshare-attempts").Single());
        Assert.Equal(
            """{"error":{"message":"The connection to the hoster was lost.","type":"server_error","param":null,"code":"node_lost"}}""",
            await response.Content.ReadAsStringAsync(Token));
        var settle = await market.Billing.SettledAsync(Token);
        Assert.Empty(settle.Shares);
        Assert.Equal(
            [("node-0", "node_lost"), ("node-1", "node_lost"), ("node-2", "node_lost")],
            settle.Record.FailedAttempts.Select(failed => (failed.NodeId, failed.Outcome)));
        Assert.Empty(market.Nodes[3].Requests);
    }

    [Fact]
    public async Task Completion_NodeIsFull_CostsNoAttempt()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.Busy);

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("x-computeshare-attempts").Single());
        Assert.Contains(market.Scheduler.Releases, release => release.Report.Result == AttemptResult.SlotsFull);
    }

    [Fact]
    public async Task Completion_EveryNodeFails_HeadersTellOfTheAttemptsThatWereMade()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2);
        foreach (var node in market.Nodes)
        {
            node.OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.EngineError);
        }

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal((HttpStatusCode.BadGateway, "2", "false"), (response.StatusCode, Header("x-computeshare-attempts"), Header("x-should-retry")));
        Assert.Equal(("computeshare/tiny", "demo-hoster"), (Header("x-computeshare-model"), Header("x-computeshare-hoster")));
        Assert.Equal([1u, 2u, 3u], market.Scheduler.Reserves.Select(reserve => reserve.Attempt));
        Assert.Equal(2u, (await market.Billing.SettledAsync(Token)).Record.Attempts);

        string Header(string name) => response.Headers.GetValues(name).Single();
    }

    [Fact]
    public async Task Completion_EveryNodeIsFull_HeadersTellOfNoAttempt()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Completions:FullNodes=1", "--Completions:FullNodePause=00:00:00.001");
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.Busy);

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(["x-computeshare-queue-ms"], Wire.OwnHeaders(response));
    }

    [Theory]
    [Trait("Wire", "19")]
    [Trait("Wire", "42")]
    [InlineData(FailureKind.Overflow, false, HttpStatusCode.BadRequest, "\"param\":\"messages\",\"code\":\"context_length_exceeded\"")]
    [InlineData(FailureKind.EngineError, false, HttpStatusCode.BadGateway, "\"code\":\"node_failed\"")]
    [InlineData(FailureKind.EngineError, true, HttpStatusCode.BadGateway, "\"code\":\"node_failed\"")]
    public async Task Completion_NodeFails_IsAnErrorWithoutTheNodesText(FailureKind kind, bool retryable, HttpStatusCode status, string expected)
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Fails(frames, kind, retryable);

        using var response = await market.PostAsync(Wire.Ask);
        var body = await response.Content.ReadAsStringAsync(Token);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains(expected, body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.Empty((await market.Billing.SettledAsync(Token)).Shares);
    }

    [Fact]
    [Trait("Wire", "19")]
    [Trait("Wire", "50")]
    public async Task Completion_FirstTokenNeverComes_Is504()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Streaming:FirstToken=00:00:00.2");
        market.Nodes[0].OnGenerate = (_, _, cancelled) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);

        using var response = await market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
        await market.Nodes[0].Cancelled.WaitAsync(TimeSpan.FromSeconds(1), Token);
    }

    [Fact]
    [Trait("Wire", "48")]
    public async Task Completion_ClientLeaves_CancelsTheNodeAndSettlesWhatWasRead()
    {
        // With a hold of one token the next hold shows that a token was read.
        await using var market = await Market.StartAsync(redis, 1, "--Admission:FirstHoldTokens=1", "--Admission:HoldGrowthTokens=1");
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await FakeNode.Tokens(frames, "One", " two");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
        };
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var client = market.CreateClient();
        using var content = new StringContent(Wire.Ask, Encoding.UTF8, "application/json");

        var asking = client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, leaving.Token);
        await Poll.UntilAsync("the gateway has read", () => market.Billing.Holds.Count > 1, TimeSpan.FromSeconds(10), Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        await market.Nodes[0].Cancelled.WaitAsync(TimeSpan.FromSeconds(1), Token);
        var settle = await market.Billing.SettledAsync(Token);
        Assert.Equal("client_left", settle.Record.Outcome);
        Assert.InRange(Assert.Single(settle.Shares).CompletionTokens, 1u, 2u);
    }

    [Fact]
    [Trait("Wire", "30")]
    public async Task Completion_TwoChoices_RunOnOneNodeAndAreCountedTogether()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await frames.WriteAsync(FakeNode.Token("a", choice: 1), cancelled);
            await frames.WriteAsync(FakeNode.Token("b"), cancelled);
            await frames.WriteAsync(new Frame { Finished = new Finished { FinishReasons = { FinishReason.Length, FinishReason.Stop } } }, cancelled);
        };

        using var response = await market.PostAsync("""{"model":"auto","n":2,"messages":[{"role":"user","content":"Hi"}]}""");
        var choices = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("choices");

        Assert.Equal(["b", "a"], choices.EnumerateArray().Select(choice => choice.GetProperty("message").GetProperty("content").GetString()));
        Assert.Equal(["length", "stop"], choices.EnumerateArray().Select(choice => choice.GetProperty("finish_reason").GetString()));
        Assert.Equal(2u, market.Nodes[0].Requests.Single().Slots);
        Assert.Equal(2u, Assert.Single((await market.Billing.SettledAsync(Token)).Shares).CompletionTokens);
    }

    [Fact]
    public async Task Completion_NodeSeesOnlyAllowListedFields()
    {
        await using var market = await Market.StartAsync(redis);

        using var response = await market.PostAsync(
            """{"model":"auto","temperature":0.5,"max_tokens":9,"user":"me","secret_knob":1,"other":{},"messages":[{"role":"user","content":"Hi","extra":1}]}""");

        var job = market.Nodes[0].Requests.Single();
        Assert.Equal("""{"temperature":0.5,"messages":[{"role":"user","content":"Hi"}]}""", job.Chat.Body.ToStringUtf8());
        Assert.Equal((9u, "tiny"), (job.MaxTokens, job.Model));
        Assert.Equal("secret_knob, other", response.Headers.GetValues("x-computeshare-ignored").Single());
    }
}
