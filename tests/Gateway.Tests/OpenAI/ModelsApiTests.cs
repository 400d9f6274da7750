using System.Net;
using System.Text.Json;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.OpenAI;

[Trait("Category", "Integration")]
[Trait("Wire", "52")]
public sealed class ModelsApiTests(SharedMarket shared, RedisServer redis) : IClassFixture<SharedMarket>
{
    private const string Tiny =
        """{"id":"computeshare/tiny","object":"model","created":1767225600,"owned_by":"computeshare","description":"Small.","aliases":["tiny"],"context_length":512,"pricing":{"prompt":"0.000000050000001","completion":"0.0000002","input_cache_read":"0.000000005","per_million":{"input":"0.050000001","cached_input":"0.005","output":"0.2"}},"capabilities":["chat","logprobs","tools"],"supported_parameters":["logprobs","max_completion_tokens","max_tokens","n","parallel_tool_calls","stop","stream","temperature","tool_choice","tools","top_logprobs","top_p"],"quantizations":["F16"],"quality_rank":100,"live_nodes":3}""";

    private readonly Market _market = shared.Market;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_Listed_BeginWithAutoAndSayWhatTheyCanAndCost()
    {
        using var client = _market.CreateClient();

        var list = JsonDocument.Parse(await client.GetStringAsync(new Uri("/v1/models", UriKind.Relative), Token)).RootElement;

        var data = list.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal(["auto", "computeshare/tiny", "demo-hoster/own", "org/big:free"], data.Select(model => model.GetProperty("id").GetString()));
        Assert.Equal(Tiny, data[1].GetRawText());
        Assert.All(data, model => Assert.Equal("model", model.GetProperty("object").GetString()));
        Assert.All(data, model => Assert.True(model.GetProperty("created").TryGetInt64(out _) && model.GetProperty("owned_by").GetString()!.Length > 0));
        Assert.False(data[3].TryGetProperty("pricing", out _));
    }

    [Theory]
    [InlineData("computeshare/tiny", "computeshare/tiny")]
    [InlineData("computeshare%2Ftiny", "computeshare/tiny")]
    [InlineData("computeshare%2ftiny?x=1", "computeshare/tiny")]
    [InlineData("computeshare%252Ftiny", "computeshare/tiny")]
    [InlineData("tiny", "computeshare/tiny")]
    [InlineData("org/big:free", "org/big:free")]
    [InlineData("org%2Fbig%3Afree", "org/big:free")]
    [InlineData("auto", "auto")]
    public async Task Model_AskedForByIdOrAliasHoweverWritten_IsFound(string path, string id)
    {
        using var response = await SendAsync(HttpMethod.Get, "/v1/models/" + path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(id, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("nobody/knows")]
    [InlineData("computeshare%2F%2Ftiny")]
    [InlineData("computeshare//tiny")]
    public async Task Model_Unknown_Is404(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, "/v1/models/" + path);

        Assert.Contains("\"code\":\"model_not_found\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("/v1/models", HttpStatusCode.OK)]
    [InlineData("/v1/models/computeshare/tiny", HttpStatusCode.OK)]
    [InlineData("/v1/models/nobody", HttpStatusCode.NotFound)]
    public async Task Head_Any_HasTheStatusAndNoBody(string path, HttpStatusCode status)
    {
        using var response = await SendAsync(HttpMethod.Head, path);

        Assert.Equal(status, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task Models_OfAKeyForSome_AreThose()
    {
        await using var market = await Market.StartAsync(redis, 0);
        market.Billing.Record = new KeyRecord(market.Billing.Record!) { AllowedModels = { "computeshare/tiny" } };
        using var client = market.CreateClient();

        var list = JsonDocument.Parse(await client.GetStringAsync(new Uri("/v1/models", UriKind.Relative), Token)).RootElement;

        Assert.Equal(["computeshare/tiny"], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }

    // As it stands: HttpClient's own Uri decodes what need not be encoded.
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path)
    {
        using var client = _market.CreateClient();
        using var request = new HttpRequestMessage(
            method,
            new Uri($"http://127.0.0.1:{_market.Public.Port}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        return await client.SendAsync(request, Token);
    }
}
