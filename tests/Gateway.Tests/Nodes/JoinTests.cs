using System.Net;
using System.Text.Json;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.Nodes;

[Trait("Category", "Integration")]
public sealed class JoinTests(RedisServer redis) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private Market _market = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _market = await Market.StartAsync(redis, nodes: 0);

    public ValueTask DisposeAsync() => _market.DisposeAsync();

    [Fact]
    public async Task Join_Reachable_IsWatchedReportedAndServes()
    {
        var node = new FakeNode();
        var service = await _market.StartNodeAsync(node);
        _market.Scheduler.Nodes = ["gpu-1"];

        using var joined = await _market.JoinAsync("gpu-1", service.Address);

        Assert.Equal(HttpStatusCode.OK, joined.StatusCode);
        var answer = JsonDocument.Parse(await joined.Content.ReadAsStringAsync(Token)).RootElement;
        Assert.Equal(("node", "gpu-1", "joined"), (Text(answer, "object"), Text(answer, "id"), Text(answer, "status")));
        Assert.Equal(node.Watches.Single().Gateway, Text(answer, "gateway"));
        Assert.True(answer.GetProperty("ask_again_ms").GetInt64() > 0);
        Assert.Equal("gpu-1", Assert.Single(_market.Scheduler.Reports).State.NodeId);
        using var completion = await _market.PostAsync(Wire.Ask);
        Assert.Equal(HttpStatusCode.OK, completion.StatusCode);
        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task Join_AgainUnchanged_KeepsTheWatch()
    {
        var node = new FakeNode();
        var service = await _market.StartNodeAsync(node);
        using var first = await _market.JoinAsync("gpu-1", service.Address);

        using var second = await _market.JoinAsync("gpu-1", service.Address);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Single(node.Watches);
    }

    [Fact]
    public async Task Join_NewIncarnationAtANewAddress_ReplacesTheOldWatch()
    {
        var (old, restarted) = (new FakeNode(), new FakeNode { Incarnation = "second" });
        var (before, after) = (await _market.StartNodeAsync(old), await _market.StartNodeAsync(restarted));
        using var first = await _market.JoinAsync("gpu-1", before.Address);
        _market.Scheduler.Nodes = ["gpu-1"];

        using var second = await _market.JoinAsync("gpu-1", after.Address, "second");
        using var completion = await _market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Empty(old.Requests);
        Assert.Single(restarted.Requests);
        await Poll.UntilAsync("the old one is said to be gone", () => _market.Scheduler.Departures.Any(gone => gone.Incarnation == "first"), Limit, Token);
    }

    [Fact]
    public async Task Watch_NodeEndsIt_NodeIsGoneAndMayJoinAgain()
    {
        var node = new FakeNode();
        var service = await _market.StartNodeAsync(node);
        using var first = await _market.JoinAsync("gpu-1", service.Address);

        node.EndWatch();
        await Poll.UntilAsync("the node is gone", () => !_market.Scheduler.Departures.IsEmpty, Limit, Token);
        using var second = await _market.JoinAsync("gpu-1", service.Address);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(2, node.Watches.Count);
    }

    [Fact]
    public async Task Watch_NodeEndsItWhileAStreamRuns_TheStreamGoesOn()
    {
        var node = new FakeNode();
        var ended = new TaskCompletionSource();
        node.OnGenerate = async (_, frames, _) =>
        {
            await FakeNode.Tokens(frames, "One");
            node.EndWatch();
            await ended.Task;
            await FakeNode.Tokens(frames, " two");
            await FakeNode.Ends(frames, 2);
        };
        var service = await _market.StartNodeAsync(node);
        using var joined = await _market.JoinAsync("gpu-1", service.Address);
        _market.Scheduler.Nodes = ["gpu-1"];

        using var stream = await _market.PostAsync(Wire.AskStream, untilHeaders: true);
        await Poll.UntilAsync("the node is gone", () => !_market.Scheduler.Departures.IsEmpty, Limit, Token);
        ended.SetResult();

        Assert.EndsWith("data: [DONE]\n\n", await stream.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_RevokedWhileTheNodeIsIn_TheNodeIsGoneAtOnceAndWhatRunsGoesOn()
    {
        var node = new FakeNode();
        var gone = new TaskCompletionSource();
        node.OnGenerate = async (_, frames, _) =>
        {
            await FakeNode.Tokens(frames, "One");
            await gone.Task;
            await FakeNode.Tokens(frames, " two");
            await FakeNode.Ends(frames, 2);
        };
        var service = await _market.StartNodeAsync(node);
        using var joined = await _market.JoinAsync("gpu-1", service.Address);
        _market.Scheduler.Nodes = ["gpu-1"];
        using var stream = await _market.PostAsync(Wire.AskStream, untilHeaders: true);

        // Another account's keys, or another key of this one: the node stays.
        _market.Billing.Tell(new Contracts.Billing.KeyNotice { AccountId = "another", KeyVersion = 2 });
        var registrations = _market.Billing.Registrations.Count;
        _market.Billing.Tell(new Contracts.Billing.KeyNotice { AccountId = "hoster", KeyVersion = 2 });
        await Poll.UntilAsync("Billing is asked", () => _market.Billing.Registrations.Count > registrations, Limit, Token);
        Assert.Empty(_market.Scheduler.Departures);

        _market.Billing.OnRegister = _ => new RpcException(new Status(StatusCode.NotFound, "No such hoster."));
        _market.Billing.Tell(new Contracts.Billing.KeyNotice { AccountId = "hoster", KeyVersion = 3 });
        await Poll.UntilAsync("the node is gone", () => !_market.Scheduler.Departures.IsEmpty, Limit, Token);
        gone.SetResult();

        Assert.EndsWith("data: [DONE]\n\n", await stream.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using var again = await _market.JoinAsync("gpu-1", service.Address);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Fact]
    public async Task Lease_OnANodeThatDidNotJoinHere_TriesAnotherAtNoCostOfAnAttempt()
    {
        var service = await _market.StartNodeAsync(new FakeNode());
        using var joined = await _market.JoinAsync("gpu-1", service.Address);
        _market.Scheduler.Nodes = ["elsewhere", "gpu-1"];

        using var completion = await _market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.OK, completion.StatusCode);
        Assert.Equal("1", completion.Headers.GetValues("x-computeshare-attempts").Single());
        await Poll.UntilAsync("both leases are given back", () => _market.Scheduler.Releases.Count == 2, Limit, Token);
        Assert.Equal(AttemptResult.Blameless, _market.Scheduler.Releases.Single(release => release.NodeId == "elsewhere").Report.Result);
    }

    [Fact]
    public async Task Lease_OnlyOnNodesThatDidNotJoinHere_Is503ToBeTriedAgain()
    {
        _market.Scheduler.Nodes = ["elsewhere"];

        using var completion = await _market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, completion.StatusCode);
        Assert.Equal("1", completion.Headers.GetValues("Retry-After").Single());
        Assert.False(_market.Billing.HasSettled);
    }

    [Fact]
    public async Task Keys_OfTheOtherKind_AreRefusedHereAndThere()
    {
        using var consumerHere = await _market.JoinAsync("{}", _market.Billing.Key);
        using var client = new HttpClient { BaseAddress = _market.Public };
        client.DefaultRequestHeaders.Authorization = new("Bearer", _market.Billing.HosterKey);
        using var hosterThere = await client.GetAsync(new Uri("/v1/models", UriKind.Relative), Token);
        using var nobody = await client.PostAsync(new Uri("/v1/nodes/nothing", UriKind.Relative), null, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, consumerHere.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, hosterThere.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Theory]
    [InlineData("{}", "node_id")]
    [InlineData("""{"node_id":"a b"}""", "node_id")]
    [InlineData("""{"node_id":"{n:other}"}""", "node_id")]
    [InlineData("""{"node_id":"a"}""", "address")]
    [InlineData("""{"node_id":"a","address":"10.0.0.7:5101"}""", "address")]
    [InlineData("""{"node_id":"a","address":"http://user@127.0.0.1:5101"}""", "address")]
    [InlineData("""{"node_id":"a","address":"http://127.0.0.1:5101/metadata"}""", "address")]
    [InlineData("""{"node_id":"a","address":"http://127.0.0.1:5101"}""", "dial_token")]
    [InlineData("""{"node_id":"a","address":"http://127.0.0.1:5101","dial_token":"short"}""", "dial_token")]
    [InlineData("""{"node_id":"a","address":"http://127.0.0.1:5101","dial_token":"with spaces and newlines\n and much more of it"}""", "dial_token")]
    public async Task Join_AWrongField_IsNamed(string body, string param)
    {
        using var refused = await _market.JoinAsync(body, _market.Billing.HosterKey);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(param, Text(await ErrorAsync(refused), "param"));
    }

    [Theory]
    [InlineData("http://10.0.0.7:5101")]
    [InlineData("http://169.254.169.254")]
    [InlineData("http://[::ffff:10.0.0.7]:5101")]
    [InlineData("http://0.0.0.0:5101")]
    [InlineData("http://[fe80::1]:5101")]
    [InlineData("http://no-such-name.invalid:5101")]
    public async Task Join_AddressOutsideTheAllowedNetworks_IsNotDialled(string address)
    {
        using var refused = await _market.JoinAsync("gpu-1", new Uri(address));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("address_not_allowed", Text(await ErrorAsync(refused), "code"));
        Assert.Empty(_market.Billing.Registrations);
    }

    [Theory]
    [InlineData(StatusCode.PermissionDenied, HttpStatusCode.Forbidden, "node_id_taken")]
    [InlineData(StatusCode.NotFound, HttpStatusCode.Unauthorized, "invalid_api_key")]
    [InlineData(StatusCode.InvalidArgument, HttpStatusCode.BadRequest, "node_not_acceptable")]
    [InlineData(StatusCode.Unavailable, HttpStatusCode.ServiceUnavailable, "service_unavailable")]
    public async Task Join_BillingRefuses_IsToldAndNotDialled(StatusCode status, HttpStatusCode expected, string code)
    {
        var node = new FakeNode();
        var service = await _market.StartNodeAsync(node);
        _market.Billing.OnRegister = _ => new RpcException(new Status(status, "said by billing"));

        using var refused = await _market.JoinAsync("gpu-1", service.Address);

        Assert.Equal((expected, code), (refused.StatusCode, Text(await ErrorAsync(refused), "code")));
        Assert.Empty(node.Watches);
    }

    [Fact]
    public async Task Join_PriceOutOfBounds_IsToldToTheHoster()
    {
        var service = await _market.StartNodeAsync(new FakeNode());
        _market.Billing.OnRegister = request =>
            request.Models.Count > 0 ? new RpcException(new Status(StatusCode.InvalidArgument, "the input price is outside")) : null;

        using var refused = await _market.JoinAsync("gpu-1", service.Address);

        Assert.Equal("the input price is outside", Text(await ErrorAsync(refused), "message"));
        Assert.Empty(_market.Scheduler.Reports);
    }

    [Fact]
    public async Task Join_OfAnotherHoster_LeavesTheOldWatchAlone()
    {
        var node = new FakeNode();
        var service = await _market.StartNodeAsync(node);
        using var joined = await _market.JoinAsync("gpu-1", service.Address);
        _market.Billing.OnRegister = _ => new RpcException(new Status(StatusCode.PermissionDenied, ""));
        _market.Scheduler.Nodes = ["gpu-1"];

        using var thief = await _market.JoinAsync("gpu-1", new Uri("http://127.0.0.1:1"), "mine");
        using var completion = await _market.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.Forbidden, thief.StatusCode);
        Assert.Equal(HttpStatusCode.OK, completion.StatusCode);
        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task Join_NobodyListens_SaysSo()
    {
        using var refused = await _market.JoinAsync("gpu-1", new Uri($"http://127.0.0.1:{LoopbackPorts.TakeFree()}"));

        Assert.Equal("node_unreachable", Text(await ErrorAsync(refused), "code"));
    }

    [Fact]
    public async Task Start_NetworksThatAreNone_NamesTheKey()
    {
        var error = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            Market.StartAsync(redis, 0, "--Direct:AllowedNetworks:0=10.0.0.0/8", "--Direct:AllowedNetworks:1=ten"));

        Assert.Contains("Direct:AllowedNetworks:1", error.Message, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ErrorAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("error");

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
