using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Keys;

/// <summary>Through real Billings: what one gateway is told to end, ends at all of them, long before they forget it.</summary>
[Trait("Category", "Integration")]
public sealed class KeyRevocationTests(KeyRevocationTests.Gateways gateways) : IClassFixture<KeyRevocationTests.Gateways>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_RevokedAtOneGateway_DiesAtEveryOther()
    {
        var market = gateways.Market;
        var (_, _, management) = await market.NewConsumerAsync(1_000_000);
        using var manager = Client(management);
        using var made = await manager.PostAsJsonAsync(
            new Uri(market.Addresses[0], "/v1/keys"), new { name = "soon gone", spend_caps = new[] { new { window = "day", limit_usd = 1 } } }, Token);
        var key = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Token)).RootElement;
        using var client = Client(key.GetProperty("key").GetString()!);
        foreach (var gateway in market.Addresses)
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(client, gateway));
        }

        using var revoked = await manager.DeleteAsync(new Uri(market.Addresses[0], $"/v1/keys/{key.GetProperty("id").GetString()}"), Token);

        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        foreach (var gateway in market.Addresses)
        {
            await Poll.UntilAsync($"the key is dead at {gateway}", async () => await AskAsync(client, gateway) == HttpStatusCode.Unauthorized, Limit, Token);
        }
    }

    [Fact]
    public async Task HosterKey_RevokedAtOneGateway_TheNodesThatJoinedWithItAreGoneFromEveryOther()
    {
        var market = gateways.Market;
        using var hoster = Client(market.HosterKey);
        using var made = await hoster.PostAsJsonAsync(new Uri(market.Addresses[0], "/v1/hosters/keys"), new { name = "rig" }, Token);
        var key = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Token)).RootElement;
        var text = key.GetProperty("key").GetString()!;
        using var rig = Client(text);
        foreach (var gateway in market.Addresses)
        {
            await market.JoinAsync(gateway, "rig-0", text);
            var known = await rig.GetFromJsonAsync<JsonElement>(new Uri(gateway, "/v1/hosters/nodes"), Token);
            Assert.Equal(["node-0", "rig-0"], known.GetProperty("data").EnumerateArray().Select(node => node.GetProperty("id").GetString()));
        }

        using var revoked = await hoster.DeleteAsync(new Uri(market.Addresses[0], $"/v1/hosters/keys/{key.GetProperty("id").GetString()}"), Token);

        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        await Poll.UntilAsync("every gateway says that the node is gone", () => market.Departures.Count == market.Addresses.Count, Limit, Token);
        Assert.All(market.Departures, gone => Assert.Equal("rig-0", gone.NodeId));
        foreach (var gateway in market.Addresses)
        {
            using var refused = await rig.GetAsync(new Uri(gateway, "/v1/hosters/me"), Token);
            using var others = await hoster.GetAsync(new Uri(gateway, "/v1/hosters/me"), Token);
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (refused.StatusCode, others.StatusCode));
        }
    }

    private static HttpClient Client(string key)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, Uri gateway)
    {
        using var answer = await client.GetAsync(new Uri(gateway, "/v1/credits"), Token);
        return answer.StatusCode;
    }

    /// <summary>Gateways that would remember a key for long, if nobody told them otherwise.</summary>
    public sealed class Gateways(RedisServer redis) : IAsyncLifetime
    {
        internal MoneyMarket Market { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Market = await MoneyMarket.StartAsync(redis, outputPrice: 1, "--Authentication:KnownFor=00:05:00");

        public ValueTask DisposeAsync() => Market.DisposeAsync();
    }
}
