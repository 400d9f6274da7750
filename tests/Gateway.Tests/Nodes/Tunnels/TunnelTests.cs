using System.Net;
using System.Net.WebSockets;
using ComputeShare.Contracts;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.ServiceDefaults.Tunnels;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Gateway.Tests.Nodes.Tunnels;

/// <summary>One gateway and the real node, which has no port that could be called.</summary>
[Trait("Category", "Integration")]
public sealed class TunnelTests(RedisServer redis) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private Market _market = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _market = await Market.StartAsync(redis, nodes: 0);

    public ValueTask DisposeAsync() => _market.DisposeAsync();

    [Fact]
    public async Task Node_WithoutAPort_ServesThroughItsTunnel()
    {
        await using var node = await StartAsync("gpu-1", _market.Public);

        Assert.Equal(HttpStatusCode.OK, await Ask.StatusAsync(_market));

        // Its health's, and what the web server calls its two tunnels.
        Assert.Single(node.Addresses, address => !address.Contains("tunnel", StringComparison.Ordinal));
        Assert.Equal("gpu-1", _market.Scheduler.Reports.First().State.NodeId);
    }

    [Fact]
    public async Task Streams_MoreThanAHundredMessagesAtOnce_AllEndWell()
    {
        await using var node = await StartAsync("gpu-1", _market.Public, "--Node:Slots=16");

        var streams = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Ask.StreamAsync(_market, 20)));

        foreach (var stream in streams)
        {
            Assert.EndsWith("data: [DONE]\n\n", await Ask.RestAsync(stream), StringComparison.Ordinal);
            stream.Dispose();
        }
    }

    [Fact]
    public async Task Link_IsReset_StreamFailsHardAndTheNodeIsBackByItself()
    {
        await using var link = new FaultyLink(_market.Public);
        await using var node = await StartAsync("gpu-1", link.Address, "--Engine:BuiltIn:TokensPerSecond=20");
        using var stream = await Ask.StreamAsync(_market, 200);

        link.Reset();
        var rest = await Ask.RestAsync(stream);

        Assert.Contains("\"error\"", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        await Poll.UntilAsync("the node is said to be gone", () => !_market.Scheduler.Departures.IsEmpty, Limit, Token);
        await Poll.UntilAsync("the node serves again", async () => await Ask.StatusAsync(_market) == HttpStatusCode.OK, Limit, Token);
    }

    [Fact]
    public async Task Client_Leaves_WorkAtTheNodeEnds()
    {
        await using var node = await StartAsync("gpu-1", _market.Public, "--Engine:BuiltIn:TokensPerSecond=20");
        var stream = await Ask.StreamAsync(_market, 400);

        stream.Dispose();

        await Poll.UntilAsync(
            "nothing runs at the node", () => _market.Scheduler.Reports.Last().State is { RunningLeaseIds.Count: 0 } && !_market.Scheduler.Releases.IsEmpty, Limit, Token);
    }

    [Theory]
    [InlineData("", "gpu-1", 401)]
    [InlineData("consumer", "gpu-1", 401)]
    [InlineData("unknown", "gpu-1", 401)]
    [InlineData("hoster", "", 400)]
    [InlineData("hoster", "{n:other}", 400)]
    [InlineData("hoster", "of-another", 403)]
    public async Task Open_WithAWrongKeyOrId_IsRefused(string key, string id, int status)
    {
        _market.Billing.OnRegister = request =>
            request.NodeId == "of-another" ? new RpcException(new Status(StatusCode.PermissionDenied, "")) : null;
        using var socket = NewSocket(Key(key), id);

        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(socket));

        Assert.Equal(status, (int)socket.HttpStatusCode);
    }

    [Fact]
    public async Task Open_AvoidingThisGateway_Is421()
    {
        using var first = NewSocket(_market.Billing.HosterKey, "gpu-1");
        await ConnectAsync(first);
        var name = first.HttpResponseHeaders![TunnelHeaders.Gateway].Single();

        using var second = NewSocket(_market.Billing.HosterKey, "gpu-1");
        second.Options.SetRequestHeader(TunnelHeaders.Avoid, "another," + name);
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(second));

        Assert.Equal(HttpStatusCode.MisdirectedRequest, second.HttpStatusCode);
        first.Abort();
    }

    [Fact]
    public async Task Open_WithoutAWebSocket_SaysWhatIsWanted()
    {
        using var client = new HttpClient { BaseAddress = _market.Public };
        client.DefaultRequestHeaders.Authorization = new("Bearer", _market.Billing.HosterKey);

        using var answer = await client.GetAsync(new Uri(TunnelHeaders.Route, UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Contains("websocket_required", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_OverTheLimit_Is503()
    {
        await using var small = await Market.StartAsync(redis, 0, "--Tunnel:Limit=0");
        using var socket = NewSocket(small.Billing.HosterKey, "gpu-1");

        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(socket, small));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Offer_IsRefused_TunnelIsClosedWithTheReason()
    {
        _market.Billing.OnRegister = request =>
            request.Models.Count > 0 ? new RpcException(new Status(StatusCode.InvalidArgument, "the input price is outside")) : null;
        await using var node = await TunnelledNode.StartAsync("gpu-1", _market.Billing.HosterKey, [_market.Public]);

        await Poll.UntilAsync("its offer was looked at", () => _market.Billing.Registrations.Any(request => request.Models.Count > 0), Limit, Token);

        await Poll.UntilAsync("the node is not in", async () => !await node.IsHealthyAsync(), Limit, Token);
        Assert.Empty(_market.Scheduler.Reports);
    }

    [Fact]
    public async Task Key_IsRevoked_TheNodeIsOutAndItsTunnelEnds()
    {
        await using var node = await TunnelledNode.StartAsync("gpu-1", _market.Billing.HosterKey, [_market.Public]);
        await node.UntilHealthyAsync();
        await Poll.UntilAsync("it is reported", () => !_market.Scheduler.Reports.IsEmpty, Limit, Token);
        var opened = _market.Billing.Registrations.Count;

        _market.Billing.OnRegister = _ => new RpcException(new Status(StatusCode.NotFound, "no such hoster"));
        _market.Billing.Tell(new Contracts.Billing.KeyNotice { AccountId = "hoster", KeyVersion = 2 });

        await Poll.UntilAsync("the node is gone", () => !_market.Scheduler.Departures.IsEmpty, Limit, Token);
        Assert.Null(_market.Services.GetRequiredService<JoinedNodes>().FindTunnel("gpu-1"));
        await Poll.UntilAsync("it has lost its tunnel, and is refused another", () => _market.Billing.Registrations.Count > opened + 1, Limit, Token);
        Assert.False(await node.IsHealthyAsync());
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e, 0x31, 0x20, 0x32, 0x30, 0x30, 0x0d, 0x0a, 0x0d, 0x0a })]
    // A frame of HTTP/2 that says to be 16 MB long.
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01 })]
    // Settings of an unknown kind, then headers on a stream that nobody opened.
    [InlineData(new byte[] { 0, 0, 6, 4, 0, 0, 0, 0, 0, 0x7f, 0xff, 0, 0, 0, 0, 0, 0, 4, 1, 4, 0, 0, 0, 9, 1, 2, 3, 4 })]
    public async Task Peer_ThatSpeaksNoHttp2_IsCutOffAndHarmsNobody(byte[] bytes)
    {
        await using var good = await StartAsync("gpu-1", _market.Public);
        using var socket = NewSocket(_market.Billing.HosterKey, "gpu-2");
        await ConnectAsync(socket);

        await socket.SendAsync(bytes, bytes.Length == 0 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, true, Token);

        var buffer = new byte[4096];
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), Token)).MessageType != WebSocketMessageType.Close)
            {
            }

            throw new WebSocketException("closed");
        });
        Assert.False(Token.IsCancellationRequested);
        Assert.Equal(HttpStatusCode.OK, await Ask.StatusAsync(_market));
    }

    private string Key(string kind) => kind switch
    {
        "hoster" => _market.Billing.HosterKey,
        "consumer" => _market.Billing.Key,
        "unknown" => ApiKey.Create(ApiKey.HosterPrefix),
        _ => "",
    };

    private async Task<TunnelledNode> StartAsync(string id, Uri gateway, params string[] settings)
    {
        var node = await TunnelledNode.StartAsync(id, _market.Billing.HosterKey, [gateway], settings);
        await node.UntilHealthyAsync();
        _market.PlaceOn(id);
        await Poll.UntilAsync("the node is reported", () => _market.Scheduler.Reports.Any(report => report.State.NodeId == id), Limit, Token);
        return node;
    }

    private static ClientWebSocket NewSocket(string key, string id)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader(TunnelHeaders.Node, id);
        socket.Options.SetRequestHeader(TunnelHeaders.DialToken, Market.DialToken);
        if (key.Length > 0)
        {
            socket.Options.SetRequestHeader("Authorization", "Bearer " + key);
        }

        return socket;
    }

    private Task ConnectAsync(ClientWebSocket socket, Market? market = null) =>
        socket.ConnectAsync(new UriBuilder((market ?? _market).Public) { Scheme = "ws", Path = TunnelHeaders.Route }.Uri, Token);
}
