using System.Globalization;
using System.Net;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Network;

/// <summary>A hoster at home: its machine has a private address behind a router that masquerades, lets nobody in, and forgets idle connections.</summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
public sealed class HomeRouterTests(Cluster cluster)
{
    private const int HealthPort = 5102;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Between two states of an idle node are five seconds: without pings the router would have forgotten the tunnel.
    private static readonly TimeSpan RouterForgetsAfter = TimeSpan.FromSeconds(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Length", "Long")]
    public async Task Hoster_BehindAHomeRouterWithNoWayIn_EarnsAndKeepsItsTunnel()
    {
        var obstacle = await HomeNetwork.FindObstacleAsync();
        Assert.SkipWhen(obstacle is not null, $"NOT TESTED: a hoster behind a real NAT; {obstacle}.");
        await cluster.BecomeWellAsync(Token);
        await using var home = await HomeNetwork.StartAsync(RouterForgetsAfter);
        // The gateway listens on loopback only, and stays so: this is its address on the internet.
        await using var gateway = new FaultyLink(cluster.Clients[0].Gateway, home.Outside);
        await using var node = StartNode(home, gateway.Address);
        await cluster.States.WaitForAsync("the node at home is there", states => states.Any(state => state.Id == "at-home"), Limit, Token);

        var first = await CompleteAtHomeAsync(cluster.Clients[0]);
        await WaitForIdleStatesAsync();
        var later = await CompleteAtHomeAsync(cluster.Clients[0]);
        // Its only tunnel ends at the first gateway.
        var relayed = await CompleteAtHomeAsync(cluster.Clients[1]);

        Assert.Equal(1, gateway.Accepted);
        foreach (var requestId in new[] { first, later, relayed })
        {
            Assert.True(await cluster.Books.EarnedAsync(requestId, "at-home", Token) > 0, requestId);
        }

        await AssertUnreachableAsync(new IPEndPoint(home.RouterAddress, HealthPort));
        await AssertUnreachableAsync(new IPEndPoint(HomeNetwork.HomeAddress, HealthPort));
        await node.StopAsync();
        await cluster.States.WaitForAsync("it has left", states => states.All(state => state.Id != "at-home"), Limit, Token);
    }

    private LocalProcess StartNode(HomeNetwork home, Uri gateway)
    {
        var program = Repository.ServiceProgram("HosterNode");
        var command = home.InHome("dotnet", program);
        return LocalProcess.Start(command[0], command.Skip(1), new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Ports__Health"] = HealthPort.ToString(CultureInfo.InvariantCulture),
            ["Node__Id"] = "at-home",
            ["Node__HosterKey"] = cluster.HosterKey,
            ["Node__Gateways__0"] = gateway.ToString(),
            ["Node__AllowUnencryptedTunnel"] = "true",
            // Another dial would be a tunnel that was lost.
            ["Node__Tunnels"] = "1",
            ["Node__PingEvery"] = "00:00:01",
            // The cheapest by far: whatever fits is placed here.
            ["Node__Prices__Input"] = "2000000",
            ["Node__Prices__Output"] = "8000000",
            ["Engine__BuiltIn__Threads"] = "1",
        }, Path.GetDirectoryName(program));
    }

    /// <returns>The id of a request that the node at home served.</returns>
    private async Task<string> CompleteAtHomeAsync(ChatClient client)
    {
        var requestId = "";
        await Poll.UntilAsync("a request is served at home", async () =>
        {
            var answer = await client.CompleteAsync(4, Token);
            requestId = answer.RequestId;
            return answer.Completed && await cluster.Books.EarnedAsync(requestId, "at-home", Token) > 0;
        }, Limit, Token);
        return requestId;
    }

    // Two states are ten seconds in which only pings went over the tunnel besides; the schedulers keep the newest one's number.
    private async Task WaitForIdleStatesAsync()
    {
        var seen = (await cluster.States.ReadAsync()).Single(state => state.Id == "at-home").Sequence;
        await cluster.States.WaitForAsync(
            "two more states came", states => states.Any(state => state.Id == "at-home" && state.Sequence >= seen + 2), Limit, Token);
    }

    // The machine's own way out may lead to something that accepts every connection; the node it must not be.
    private static async Task AssertUnreachableAsync(IPEndPoint address)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };
        var error = await Record.ExceptionAsync(async () =>
        {
            using var answer = await client.GetAsync(new Uri($"http://{address}/alive"), Token);
            Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
        });
        Assert.True(error is null or HttpRequestException or OperationCanceledException, $"{address}: {error}");
    }
}
