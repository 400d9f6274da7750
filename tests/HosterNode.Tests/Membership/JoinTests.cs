using System.Net;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Inference;
using ComputeShare.TestSupport.Processes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Membership;

[Trait("Category", "Integration")]
public sealed class JoinTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly string _key = ApiKey.Create(ApiKey.HosterPrefix);
    private FakeGateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _gateway = await FakeGateway.StartAsync();

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Start_GatewayConfigured_AsksWithKeyAddressAndATokenOfItsOwn()
    {
        await using var node = await StartAsync("--Node:DialToken=");

        var (authorization, body) = await _gateway.AskedAsync();

        Assert.Equal("Bearer " + _key, authorization);
        Assert.Equal("node-1", body.GetProperty("node_id").GetString());
        Assert.Equal(node.InternalAddress, new Uri(body.GetProperty("address").GetString()!));
        using var watch = node.ClientWith(body.GetProperty("dial_token").GetString()!).Watch(new WatchRequest(), cancellationToken: Token);
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        Assert.Equal(watch.ResponseStream.Current.Incarnation, body.GetProperty("incarnation").GetString());
    }

    [Fact]
    public async Task Health_FollowsWhetherAGatewayWatches()
    {
        await using var node = await StartAsync();
        await _gateway.AskedAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(node));

        using (await WatchAsync(node))
        {
            await Poll.UntilAsync("it is ready", async () => await HealthAsync(node) == HttpStatusCode.OK, Limit, Token);
        }

        await Poll.UntilAsync("it is not ready", async () => await HealthAsync(node) == HttpStatusCode.ServiceUnavailable, Limit, Token);
    }

    [Fact]
    public async Task Watch_Ends_NodeAsksAgainAtOnce()
    {
        await using var node = await StartAsync();
        using (await WatchAsync(node))
        {
            await Poll.UntilAsync("it is ready", async () => await HealthAsync(node) == HttpStatusCode.OK, Limit, Token);
            while (_gateway.IsAsked)
            {
                await _gateway.AskedAsync();
            }
        }

        // Long before the minute after which it would ask anyway.
        await _gateway.AskedAsync();
    }

    [Fact]
    public async Task Watch_GoesOn_NodeAsksAgainWhenToldTo()
    {
        _gateway.Answer = FakeGateway.Joined(askAgainMs: 50);
        await using var node = await StartAsync();
        using var watch = await WatchAsync(node);

        for (var asks = 0; asks < 5; asks++)
        {
            await _gateway.AskedAsync();
        }

        Assert.Equal(HttpStatusCode.OK, await HealthAsync(node));
    }

    [Fact]
    public async Task Gateway_RefusesOrIsAway_NodeKeepsAsking()
    {
        _gateway.Answer = (StatusCodes.Status403Forbidden, """{"error":{"message":"This node id is another hoster's."}}""");
        await using var node = await StartAsync();

        await _gateway.AskedAsync();
        await _gateway.AskedAsync();
        _gateway.Answer = (StatusCodes.Status502BadGateway, "<html>");
        await _gateway.AskedAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(node));
    }

    [Fact]
    public async Task Gateways_Several_AreAllAsked()
    {
        await using var other = await FakeGateway.StartAsync();
        await using var node = await StartAsync($"--Node:Gateways:1={other.Address}", "--Node:AdvertisedAddress=http://10.0.0.7:5101");

        await _gateway.AskedAsync();
        var (_, body) = await other.AskedAsync();

        Assert.Equal("http://10.0.0.7:5101", body.GetProperty("address").GetString());
    }

    [Theory]
    [InlineData("--Node:Gateways:0=gateway", "Node:Gateways:0")]
    [InlineData("--Node:HosterKey=ngh_junk", "Node:HosterKey")]
    [InlineData("--Node:AdvertisedAddress=10.0.0.7", "Node:AdvertisedAddress")]
    [InlineData("--Node:PingEvery=0", "Node:PingEvery")]
    [InlineData("--Node:Tunnels=0", "Node:Tunnels")]
    public async Task Start_AWrongOption_NamesItsKeyAndKeepsItsValue(string setting, string key)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(setting));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("junk", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NeitherGatewayNorDialToken_SaysThatNobodyCouldCall()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningNode.StartAsync("--Node:DialToken="));

        Assert.Contains("Node:Gateways:0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://gateway.example.com")]
    [InlineData("http://10.0.0.7:8080")]
    public async Task Tunnel_PlainTextBeyondLoopback_IsAskedForByName(string gateway)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync("--Node:Transport=tunnel", $"--Node:Gateways:0={gateway}"));

        Assert.Contains("Node:AllowUnencryptedTunnel", error.Message, StringComparison.Ordinal);
        await using var allowed = await StartAsync("--Node:Transport=tunnel", "--Node:Gateways:0=http://127.0.0.1:1", "--Node:AllowUnencryptedTunnel=true");
    }

    [Fact]
    public async Task Transport_ThatIsNone_NamesItsKey()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync("--Node:Transport=pigeon"));

        Assert.Contains("Node:Transport", error.Message, StringComparison.Ordinal);
    }

    private Task<RunningNode> StartAsync(params string[] settings) =>
        RunningNode.StartAsync([$"--Node:Gateways:0={_gateway.Address}", $"--Node:HosterKey={_key}", .. settings]);

    private static async Task<AsyncServerStreamingCall<NodeState>> WatchAsync(RunningNode node)
    {
        var watch = node.Client.Watch(new WatchRequest { Gateway = FakeGateway.Name }, cancellationToken: Token);
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        return watch;
    }

    private static async Task<HttpStatusCode> HealthAsync(RunningNode node)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(node.HealthAddress, "/health"), Token);
        return answer.StatusCode;
    }
}
