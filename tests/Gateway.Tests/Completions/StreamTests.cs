using System.Net;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Completions;

[Trait("Category", "Integration")]
public sealed class StreamTests(RedisServer redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Wire", "25")]
    [Trait("Wire", "33")]
    [Trait("Wire", "34")]
    [Trait("Wire", "35")]
    [Trait("Wire", "51")]
    public async Task Stream_Plain_IsTheDocumentedBytes()
    {
        await using var market = await Market.StartAsync(redis);

        using var response = await market.PostAsync(Wire.AskStream);
        var body = Wire.Normalize(await response.Content.ReadAsStringAsync(Token));

        Assert.Equal(
            """
            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{"role":"assistant","content":"One"},"finish_reason":null}]}

            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{"content":" two"},"finish_reason":null}]}

            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{"content":" three"},"finish_reason":null}]}

            data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: [DONE]


            """,
            body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache", response.Headers.CacheControl!.ToString());
        Assert.Equal("no", response.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.Equal("computeshare/tiny", response.Headers.GetValues("x-computeshare-model").Single());
        Assert.Equal("demo-hoster", response.Headers.GetValues("x-computeshare-hoster").Single());
        Assert.Equal("1", response.Headers.GetValues("x-computeshare-attempts").Single());
        Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Wire", "36")]
    [Trait("Wire", "38")]
    public async Task Stream_UsageAskedFor_IsOneMoreChunkAndNullInTheOthers()
    {
        await using var market = await Market.StartAsync(redis);

        var body = await market.PostForBodyAsync(
            """{"model":"auto","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}""");

        var events = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events[..^2], chunk => Assert.Contains("\"usage\":null", chunk, StringComparison.Ordinal));
        Assert.Equal(
            """data: {"id":"chatcmpl-ID","object":"chat.completion.chunk","created":0,"model":"auto","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":0}}}""",
            events[^2]);
        Assert.Equal("data: [DONE]", events[^1]);
    }

    [Fact]
    public async Task Stream_Finished_SettlesWhatWasDelivered()
    {
        await using var market = await Market.StartAsync(redis);

        await market.PostForBodyAsync(Wire.AskStream);
        var settle = await market.Billing.SettledAsync(Token);

        var share = Assert.Single(settle.Shares);
        Assert.Equal(("node-0", "price-node-0"), (share.NodeId, share.PriceId));
        Assert.Equal((5u, 2u, 3u), (share.PromptTokens, share.CachedTokens, share.CompletionTokens));
        Assert.Equal(("settle", "completed", "stop"), (settle.Kind, settle.Record.Outcome, settle.Record.FinishReason));
        Assert.True(settle.Record.CountsAreBounded);
        Assert.Equal(settle.RequestId, market.Billing.Holds.Single().RequestId);
        Assert.Equal(AttemptResult.Succeeded, (await market.Scheduler.ReleasedAsync(Token)).Report.Result);
    }

    [Fact]
    [Trait("Wire", "46")]
    [Trait("Wire", "47")]
    public async Task Stream_ClientLeavesAfterThreeTokens_SettlesThreeTokens()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await FakeNode.Tokens(frames, "One", " two", " three");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
        };

        using (var response = await market.PostAsync(Wire.AskStream, untilHeaders: true))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
            for (var lines = 0; lines < 6; lines++)
            {
                await reader.ReadLineAsync(Token);
            }
        }

        await market.Nodes[0].Cancelled.WaitAsync(TimeSpan.FromSeconds(1), Token);
        var settle = await market.Billing.SettledAsync(Token);
        Assert.Equal(3u, Assert.Single(settle.Shares).CompletionTokens);
        Assert.Equal(("client_left", GenerationStatus.Cancelled), (settle.Record.Outcome, settle.Record.Status));
        Assert.Equal(AttemptResult.Blameless, (await market.Scheduler.ReleasedAsync(Token)).Report.Result);
    }

    [Fact]
    [Trait("Wire", "46")]
    public async Task Stream_ClientLeavesBeforeTheFirstToken_PaysNothing()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, _, cancelled) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var client = market.CreateClient();
        using var content = new StringContent(Wire.AskStream, System.Text.Encoding.UTF8, "application/json");

        var asking = client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, leaving.Token);
        await TestSupport.Processes.Poll.UntilAsync("the node has the job", () => !market.Nodes[0].Requests.IsEmpty, TimeSpan.FromSeconds(10), Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        var settle = await market.Billing.SettledAsync(Token);
        Assert.Empty(settle.Shares);
        Assert.Equal("client_left", settle.Record.Outcome);
    }

    [Fact]
    [Trait("Wire", "43")]
    [Trait("Wire", "44")]
    public async Task Stream_NodeLostAfterContent_EndsWithAnErrorEventAndNoDone()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Tokens(frames, "One", " two");

        using var response = await market.PostAsync(Wire.AskStream);
        var events = (await response.Content.ReadAsStringAsync(Token)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(3, events.Length);
        Assert.Equal("""data: {"error":{"message":"The connection to the hoster was lost.","type":"server_error","param":null,"code":"node_lost"}}""", events[2]);
        Assert.Empty(market.Nodes[1].Requests);
        var settle = await market.Billing.SettledAsync(Token);
        Assert.Equal(2u, Assert.Single(settle.Shares).CompletionTokens);
        Assert.Equal(GenerationStatus.Failed, settle.Record.Status);
        Assert.Equal("node-0", Assert.Single(settle.Record.FailedAttempts).NodeId);
        Assert.Equal(AttemptResult.NodeFailed, (await market.Scheduler.ReleasedAsync(Token)).Report.Result);
    }

    [Fact]
    [Trait("Wire", "42")]
    public async Task Stream_NodeFailsBeforeContent_IsServedByAnother()
    {
        await using var market = await Market.StartAsync(redis, nodes: 2);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.EngineLost);

        using var response = await market.PostAsync(Wire.AskStream);

        Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal("2", response.Headers.GetValues("x-computeshare-attempts").Single());
        Assert.Equal([1u, 2u], market.Billing.Holds.Select(hold => hold.Seq));
        var settle = await market.Billing.SettledAsync(Token);
        Assert.Equal("node-1", Assert.Single(settle.Shares).NodeId);
        var failed = Assert.Single(settle.Record.FailedAttempts);
        Assert.Equal(("node-0", "computeshare/tiny", "node_lost"), (failed.NodeId, failed.ModelId, failed.Outcome));
    }

    [Fact]
    [Trait("Wire", "31")]
    public async Task Stream_StopStringAcrossTokens_IsNeverSeenAndEndsTheStream()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await FakeNode.Tokens(frames, "One", " EN", "D two", " three");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
        };

        var body = await market.PostForBodyAsync("""{"model":"auto","stream":true,"stop":"END","messages":[{"role":"user","content":"Hi"}]}""");

        Assert.DoesNotContain("EN", body, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"stop\"", body, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", body, StringComparison.Ordinal);
        Assert.Equal(2u, Assert.Single((await market.Billing.SettledAsync(Token)).Shares).CompletionTokens);
    }

    [Fact]
    [Trait("Wire", "45")]
    public async Task Stream_SilentLong_GetsAnEarly200AndKeepAliveComments()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Streaming:HoldStatus=00:00:00.1", "--Streaming:KeepAlive=00:00:00.1");
        var silent = new TaskCompletionSource();
        market.Nodes[0].OnGenerate = async (_, frames, _) =>
        {
            await silent.Task;
            await FakeNode.Says(frames, "One");
        };

        using var response = await market.PostAsync(Wire.AskStream, untilHeaders: true);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        Assert.Equal(": keep-alive", await reader.ReadLineAsync(Token));
        Assert.Equal("", await reader.ReadLineAsync(Token));
        Assert.Equal(": keep-alive", await reader.ReadLineAsync(Token));
        silent.SetResult();
        var rest = await reader.ReadToEndAsync(Token);

        Assert.Contains(
            "\"finish_reason\":\"stop\"}],\"computeshare\":{\"model\":\"computeshare/tiny\",\"hoster\":\"demo-hoster\",\"attempts\":1}}", rest, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Wire", "50")]
    public async Task Stream_NodeIsSilentBetweenTokens_IsTheNodesFailure()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Streaming:BetweenTokens=00:00:00.2");
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await FakeNode.Tokens(frames, "One");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
        };

        var body = await market.PostForBodyAsync(Wire.AskStream);

        Assert.Contains("\"code\":\"between_tokens_deadline\"", body, StringComparison.Ordinal);
        Assert.Equal(1u, Assert.Single((await market.Billing.SettledAsync(Token)).Shares).CompletionTokens);
    }

    [Theory]
    [InlineData(false, "first_token_deadline")]
    [InlineData(true, "between_tokens_deadline")]
    public async Task Stream_NodeSaysNothingAgainAndAgain_IsAsSilentAsOneThatSaysNothing(bool afterContent, string code)
    {
        await using var market = await Market.StartAsync(
            redis, 1, "--Streaming:FirstToken=00:00:00.3", "--Streaming:BetweenTokens=00:00:00.3", "--Completions:Attempts=1");
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            await FakeNode.Tokens(frames, afterContent ? ["One"] : []);
            while (!cancelled.IsCancellationRequested)
            {
                await frames.WriteAsync(FakeNode.Token(""), cancelled);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancelled);
            }
        };

        var body = await market.PostForBodyAsync(Wire.AskStream);

        Assert.Contains($"\"code\":\"{code}\"", body, StringComparison.Ordinal);
    }
}
