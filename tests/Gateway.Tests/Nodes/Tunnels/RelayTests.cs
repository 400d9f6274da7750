using System.Net;
using System.Net.Sockets;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Nodes.Relay;
using ComputeShare.Gateway.Streaming.Frames;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Tests.Nodes.Tunnels;

/// <summary>Two gateways that share a Redis; the node's tunnels end at the first, or at both.</summary>
[Trait("Category", "Integration")]
public sealed class RelayTests(RedisServer redis) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static int _nodes;

    // The Redis is shared with other tests, and routes live on for a while.
    private readonly string _id = $"relayed-{Interlocked.Increment(ref _nodes)}";
    private Market _first = null!;
    private Market _second = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _first = await Market.StartAsync(redis, nodes: 0);
        _second = await Market.StartAsync(redis, nodes: 0);
        _second.Billing.KnowHoster(_first.Billing.HosterKey);
        _first.PlaceOn(_id);
        _second.PlaceOn(_id);
    }

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        await _first.DisposeAsync();
    }

    [Fact]
    public async Task Node_WithItsTunnelAtTheOther_IsReachedThroughIt()
    {
        await using var node = await StartAsync([_first.Public]);

        Assert.Equal(HttpStatusCode.OK, await Ask.StatusAsync(_second));
        using var stream = await Ask.StreamAsync(_second, 30);
        Assert.EndsWith("data: [DONE]\n\n", await Ask.RestAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_OfTwoGateways_OpensATunnelToEach()
    {
        await using var node = await StartAsync([_first.Public, _second.Public]);

        await Poll.UntilAsync("both watch it", () => Watches(_first) && Watches(_second), Limit, Token);
    }

    [Fact]
    public async Task Balancer_LeadsToTheSameGatewayAtFirst_NodeFindsTheOther()
    {
        var links = 0;
        await using var balancer = new FaultyLink(_first.Public) { Route = () => ++links <= 3 ? _first.Public : _second.Public };
        await using var node = await StartAsync([balancer.Address]);

        await Poll.UntilAsync("both watch it", () => Watches(_first) && Watches(_second), Limit, Token);
        Assert.InRange(links, 4, 6);
    }

    [Fact]
    public async Task Tunnel_BreaksUnderARelayedStream_FailsHardAndTheNodeIsReachedAgain()
    {
        await using var link = new FaultyLink(_first.Public);
        await using var node = await StartAsync([link.Address], "--Engine:BuiltIn:TokensPerSecond=20");
        using var stream = await Ask.StreamAsync(_second, 200);

        link.Reset();
        var rest = await Ask.RestAsync(stream);

        Assert.Contains("\"error\"", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        Assert.Equal(AttemptResult.NodeFailed, (await _second.Scheduler.ReleasedAsync(Token)).Report.Result);
        await Poll.UntilAsync("the node serves again", async () => await Ask.StatusAsync(_second) == HttpStatusCode.OK, Limit, Token);
    }

    [Fact]
    public async Task Client_LeavesARelayedStream_WorkAtTheNodeEnds()
    {
        await using var node = await StartAsync([_first.Public], "--Engine:BuiltIn:TokensPerSecond=20");
        var stream = await Ask.StreamAsync(_second, 400);
        await Poll.UntilAsync("it runs there", () => _first.Scheduler.Reports.Last().State.RunningLeaseIds.Count == 1, Limit, Token);

        stream.Dispose();

        await Poll.UntilAsync("nothing runs there", () => _first.Scheduler.Reports.Last().State.RunningLeaseIds.Count == 0, Limit, Token);
    }

    [Fact]
    public async Task Route_OfAGatewayThatIsGone_IsPassedOver()
    {
        await using var node = await StartAsync([_first.Public]);
        var routes = _second.Services.GetRequiredService<TunnelRoutes>();
        // What a gateway that was killed leaves behind, and one that lost its tunnel without a word.
        var relay = _second.Services.GetRequiredService<RelayClient>();
        string[] stale = [$"http://127.0.0.1:{LoopbackPorts.TakeFree()}", _second.Internal.GetLeftPart(UriPartial.Authority)];
        using var call = new GenerateCall(relay.Way(_id, [.. stale, .. await routes.FindAsync(_id)]), new GenerateRequest(), Token);
        using var nobody = new GenerateCall(relay.Way(_id, stale), new GenerateRequest(), Token);

        Assert.True(await call.ReadAsync());
        Assert.NotNull(call.Current.Failed);
        Assert.False(await nobody.ReadAsync());
    }

    [Fact]
    public async Task Route_ThatNoGatewayHasSigned_IsNotFollowed()
    {
        using var thief = new TcpListener(IPAddress.Loopback, 0);
        thief.Start();
        var address = $"http://{thief.LocalEndpoint}";
        var seal = _first.Services.GetRequiredService<RouteSeal>();
        var others = new RouteSeal(Options.Create(new ServiceSecretOptions { Secret = "the-service-secret-of-somebody-else" }));
        string[] forged =
        [
            $"tunnel {address}", $"tunnel {address} ", $"tunnel {address} AAAA", others.Seal(_id, "tunnel", address), seal.Seal("another-node", "tunnel", address),
            seal.Seal(_id, "tunnel", "http://127.0.0.1:1").Replace("http://127.0.0.1:1", address, StringComparison.Ordinal), address, "",
        ];
        var database = _second.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        await database.SortedSetAddAsync($"{{n:{_id}}}:routes", [.. forged.Select(route => new SortedSetEntry(route, double.PositiveInfinity))]);
        var routes = _second.Services.GetRequiredService<TunnelRoutes>();
        Assert.Empty(await routes.FindAsync(_id));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Ask.StatusAsync(_second));

        await using var node = await StartAsync([_first.Public]);

        Assert.Equal([_first.Internal.GetLeftPart(UriPartial.Authority)], await routes.FindAsync(_id));
        Assert.Equal(HttpStatusCode.OK, await Ask.StatusAsync(_second));
        Assert.False(thief.Pending());
    }

    [Theory]
    [InlineData("")]
    [InlineData("not-the-service-secret-of-the-tests")]
    [InlineData(Market.DialToken)]
    public async Task Peer_WithoutTheServiceSecret_IsRefused(string secret)
    {
        await using var node = await StartAsync([_first.Public]);
        using var channel = StreamingChannel.Open(_first.Internal, TimeSpan.FromSeconds(2));
        var invoker = channel.WithSecret(secret).Intercept(metadata =>
        {
            metadata.Add(RelayHeaders.Node, _id);
            return metadata;
        });

        using var watch = new Inference.InferenceClient(invoker).Watch(new WatchRequest { Gateway = "thief" }, cancellationToken: Token);

        var refused = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task Node_ThatHasGone_LeavesNoRoute()
    {
        var routes = _second.Services.GetRequiredService<TunnelRoutes>();
        await using (await StartAsync([_first.Public]))
        {
            Assert.Equal([_first.Internal.GetLeftPart(UriPartial.Authority)], await routes.FindAsync(_id));
        }

        await Poll.UntilAsync("no route is left", async () => (await routes.FindAsync(_id)).Count == 0, TimeSpan.FromSeconds(8), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Ask.StatusAsync(_second));
    }

    private bool Watches(Market market) => market.Scheduler.Reports.Any(report => report.State.NodeId == _id);

    private async Task<TunnelledNode> StartAsync(IEnumerable<Uri> gateways, params string[] settings)
    {
        var node = await TunnelledNode.StartAsync(_id, _first.Billing.HosterKey, gateways, settings);
        await node.UntilHealthyAsync();
        await Poll.UntilAsync("the node is reported", () => Watches(_first) || Watches(_second), Limit, Token);
        return node;
    }
}
