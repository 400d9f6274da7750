using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Completions;

[Trait("Category", "Integration")]
public sealed class ConnectionTests(RedisServer redis)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Wire", "43")]
    public async Task Stream_EndedByAnError_EndsItsBodyAndClosesTheConnection()
    {
        await using var market = await Market.StartAsync(redis);
        market.Nodes[0].OnGenerate = (_, frames, _) => FakeNode.Tokens(frames, "One");
        using var client = await RawClient.AskAsync(market, Wire.AskStream, Token);

        var response = await client.ReadToEndAsync(Token).WaitAsync(TimeSpan.FromSeconds(5), Token);

        Assert.Contains("data: {\"error\":", response, StringComparison.Ordinal);
        Assert.EndsWith("\r\n0\r\n\r\n", response, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_ReadsNothing_IsCutOffAndPaysWhatItTook()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Streaming:SlowReader=00:00:00.3");
        var word = new string('a', 16 * 1024);
        market.Nodes[0].OnGenerate = async (_, frames, cancelled) =>
        {
            while (!cancelled.IsCancellationRequested)
            {
                await frames.WriteAsync(FakeNode.Token(word), cancelled);
            }
        };

        using var client = await RawClient.AskAsync(market, Wire.AskStream, Token);
        var settle = await market.Billing.SettledAsync(Token);

        Assert.Equal("client_too_slow", settle.Record.Outcome);
        Assert.True(Assert.Single(settle.Shares).CompletionTokens > 0);
        await market.Nodes[0].Cancelled.WaitAsync(TimeSpan.FromSeconds(1), Token);
    }

    [Fact]
    public async Task Request_BehindAnotherOnItsConnection_DoesNotWaitForItsSettlement()
    {
        await using var market = await Market.StartAsync(redis, 1, "--environment=Development", "--Faults:gateway.settled=delay:600000@1", "--Drain:Limit=00:00:00");

        using var client = await RawClient.SendAsync(
            market, RawClient.Request(market, Wire.Ask) + RawClient.Request(market, Wire.Ask, "Connection: close\r\n"), Token);
        var answers = await client.ReadToEndAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token);

        Assert.Equal(2, answers.Split("HTTP/1.1 200 OK").Length - 1);
    }
}
