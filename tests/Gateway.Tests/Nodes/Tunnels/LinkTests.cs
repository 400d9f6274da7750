using System.Net;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Nodes.Tunnels;

/// <summary>A node whose tunnel goes over a bad link of the test's own.</summary>
[Trait("Category", "Integration")]
public sealed class LinkTests(RedisServer redis) : IAsyncLifetime
{
    private const int OneMegabit = 1_000_000 / 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly string[] QuickPings = ["--Node:PingEvery=00:00:00.3", "--Node:PingTimeout=00:00:01"];

    private Market _market = null!;
    private FaultyLink _link = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _market = await Market.StartAsync(redis, 0, "--Tunnel:PingEvery=00:00:00.3", "--Tunnel:PingTimeout=00:00:01");
        _market.PlaceOn("behind-a-link");
        _link = new FaultyLink(_market.Public);
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await _market.DisposeAsync();
    }

    [Fact]
    public async Task Link_LateWithJitter_StreamsEndWell()
    {
        (_link.Delay, _link.Jitter) = (TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(20));
        await using var node = await StartAsync();

        var streams = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Ask.StreamAsync(_market, 30)));

        await AssertEndWellAsync(streams);
    }

    [Fact]
    public async Task Link_ThrottledToOneMegabit_FullOfTokensAndPings_StreamsEndWell()
    {
        (_link.Delay, _link.Jitter, _link.BytesPerSecond) = (TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(20), OneMegabit);
        await using var node = await StartAsync();

        // Twenty alternatives for each token: some 200 KB in all, more than the link takes in a second.
        var streams = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            _market.PostAsync(Ask.Body(60, stream: true).Replace("{\"model\"", "{\"logprobs\":true,\"top_logprobs\":20,\"model\"", StringComparison.Ordinal), untilHeaders: true)));

        await AssertEndWellAsync(streams);
        Assert.Equal(1, _link.Accepted);
    }

    [Fact]
    public async Task Router_ForgetsIdleConnections_PingsKeepTheTunnel()
    {
        // Between two states of the node are five seconds: only pings can keep this one.
        _link.ForgetIdleAfter = TimeSpan.FromSeconds(2);
        await using var node = await StartAsync(QuickPings);
        var states = _market.Scheduler.Reports.Count;

        await Poll.UntilAsync("the node has said twice that nothing happened", () => _market.Scheduler.Reports.Count >= states + 2, Limit, Token);

        Assert.Equal((0, 1), (_link.Forgotten, _link.Accepted));
        Assert.Equal(HttpStatusCode.OK, await Ask.StatusAsync(_market));
    }

    [Fact]
    public async Task Router_ForgetsTheConnectionAtRest_NodeIsBackByItself()
    {
        await using var node = await StartAsync(QuickPings);

        _link.Forget();

        await Poll.UntilAsync("the node has opened another tunnel", () => _link.Accepted == 2, Limit, Token);
        await Poll.UntilAsync("it serves again", async () => await Ask.StatusAsync(_market) == HttpStatusCode.OK, Limit, Token);
    }

    [Fact]
    public async Task Router_ForgetsTheConnectionUnderAStream_FailsAsALostNodeAndIsBackByItself()
    {
        await using var node = await StartAsync([.. QuickPings, "--Engine:BuiltIn:TokensPerSecond=20"]);
        using var stream = await Ask.StreamAsync(_market, 300);

        _link.Forget();
        var rest = await Ask.RestAsync(stream);

        Assert.Contains("\"code\":\"node_lost\"", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        await Poll.UntilAsync(
            "it counts as the node's failure",
            () => _market.Scheduler.Releases.Any(release => release.Report.Result == AttemptResult.NodeFailed), Limit, Token);
        await Poll.UntilAsync("it serves again", async () => await Ask.StatusAsync(_market) == HttpStatusCode.OK, Limit, Token);
    }

    private async Task<TunnelledNode> StartAsync(params string[] settings)
    {
        var node = await TunnelledNode.StartAsync("behind-a-link", _market.Billing.HosterKey, [_link.Address], ["--Node:Tunnels=1", .. settings]);
        await node.UntilHealthyAsync();
        await Poll.UntilAsync("the node is reported", () => !_market.Scheduler.Reports.IsEmpty, Limit, Token);
        return node;
    }

    private static async Task AssertEndWellAsync(IEnumerable<HttpResponseMessage> streams)
    {
        foreach (var stream in streams)
        {
            Assert.EndsWith("data: [DONE]\n\n", await Ask.RestAsync(stream), StringComparison.Ordinal);
            stream.Dispose();
        }
    }
}
