using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Nodes;

/// <summary>What the demo hoster is told of itself over <c>/v1/hosters</c>, by the whole product.</summary>
public sealed class HosterAccountTests(Marketplace marketplace)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_ThatWasServed_IsInTheEarningsNodesAndAccountOfItsHoster()
    {
        using var hoster = Client(marketplace.HosterKey);
        using var consumer = marketplace.CreateClient();
        var before = await EarnedAsync(hoster);

        using var answer = await consumer.PostAsJsonAsync(
            new Uri("chat/completions", UriKind.Relative),
            new { model = "auto", max_tokens = 4, messages = new[] { new { role = "user", content = "Hi" } } },
            Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Poll.UntilAsync("it is settled", async () => await EarnedAsync(hoster) > before, Limit, Token);

        var me = await GetAsync(hoster, "hosters/me");
        Assert.Equal("demo-hoster", me.GetProperty("name").GetString());
        Assert.True(Dollars(me, "escrow_usd") > 0);
        await Poll.UntilAsync(
            "three nodes are live and measured, and what all earned is what the hoster did",
            async () =>
            {
                var nodes = (await GetAsync(hoster, "hosters/nodes?limit=100")).GetProperty("data").EnumerateArray().ToArray();
                var models = nodes.Where(node => node.GetProperty("state").GetString() == "live").Select(node => node.GetProperty("models")[0]).ToArray();
                return models.Count(model => model.GetProperty("id").GetString() == "computeshare/tiny") >= 3
                    && models.Any(model => model.GetProperty("ttft_ms").ValueKind == JsonValueKind.Number)
                    && nodes.Sum(node => Dollars(node, "earned_usd")) == await EarnedAsync(hoster);
            },
            Limit,
            Token);
    }

    [Fact]
    public async Task Market_OfTheModelThatNodesServe_TellsWhatTheyAsk()
    {
        using var hoster = Client(marketplace.HosterKey);

        var model = (await GetAsync(hoster, "hosters/market?model=tiny")).GetProperty("data")[0];

        Assert.Equal("computeshare/tiny", model.GetProperty("model").GetString());
        Assert.True(model.GetProperty("offers").GetInt32() >= 3);
        var output = model.GetProperty("output");
        Assert.True(Dollars(output, "lowest") <= Dollars(output, "median") && Dollars(output, "median") <= Dollars(output, "highest"));
    }

    private static decimal Dollars(JsonElement of, string name) => decimal.Parse(of.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static async Task<decimal> EarnedAsync(HttpClient hoster) => Dollars(await GetAsync(hoster, "hosters/earnings"), "earned_usd");

    private static Task<JsonElement> GetAsync(HttpClient client, string path) =>
        client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative), Token);

    private HttpClient Client(string key)
    {
        var client = new HttpClient { BaseAddress = new Uri(marketplace.Gateway.AbsoluteUri.TrimEnd('/') + "/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}
