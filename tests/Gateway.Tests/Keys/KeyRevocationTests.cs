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
public sealed class KeyRevocationTests(RedisServer redis)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_RevokedAtOneGateway_DiesAtEveryOther()
    {
        await using var market = await MoneyMarket.StartAsync(redis, outputPrice: 1, "--Authentication:KnownFor=00:05:00");
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
}
