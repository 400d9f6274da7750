using System.Net;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Tests.Browsers;

/// <summary>As a browser asks, when a page uses OpenAI's SDK with <c>dangerouslyAllowBrowser</c>.</summary>
[Trait("Category", "Integration")]
public sealed class CorsTests(SharedMarket shared, RedisServer redis) : IClassFixture<SharedMarket>
{
    private const string Page = "https://chat.example";

    // Those of the SDK, as its requests bring them.
    private const string SdkHeaders = "authorization,content-type,x-stainless-arch,x-stainless-lang,x-stainless-os,x-stainless-package-version,"
        + "x-stainless-retry-count,x-stainless-runtime,x-stainless-runtime-version,x-stainless-timeout,idempotency-key,openai-organization";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/chat/completions", "POST")]
    [InlineData("/v1/models", "GET")]
    [InlineData("/v1/keys/key_1", "DELETE")]
    public async Task Preflight_WithoutAKey_AllowsWhatTheSdkSends(string path, string method)
    {
        using var response = await PreflightAsync(shared.Market, path, method);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal(method, Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal(SdkHeaders.Split(',').Order(), Header(response, "Access-Control-Allow-Headers").Split(',').Select(name => name.Trim()).Order());
        Assert.Equal("7200", Header(response, "Access-Control-Max-Age"));
        AssertNoCredentials(response);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.Unauthorized)]
    public async Task Answer_GoodOrRefused_MayBeReadByThePageWithItsHeaders(bool withKey, HttpStatusCode expected)
    {
        using var client = withKey ? shared.Market.CreateClient() : new HttpClient { BaseAddress = shared.Market.Public };
        client.DefaultRequestHeaders.Add("Origin", Page);

        using var response = await client.GetAsync(new Uri("/v1/models", UriKind.Relative), Token);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(("*", "*"), (Header(response, "Access-Control-Allow-Origin"), Header(response, "Access-Control-Expose-Headers")));
        AssertNoCredentials(response);
    }

    [Fact]
    public async Task Preflight_OfAPageThatIsNotListed_AllowsNothing()
    {
        await using var market = await Market.StartAsync(redis, nodes: 0, $"--Cors:Origins:0={Page}");

        using var listed = await PreflightAsync(market, "/v1/models", "GET");
        using var other = await PreflightAsync(market, "/v1/models", "GET", "https://elsewhere.example");

        Assert.Equal(Page, Header(listed, "Access-Control-Allow-Origin"));
        Assert.DoesNotContain(other.Headers, header => header.Key == "Access-Control-Allow-Origin");
    }

    [Fact]
    public async Task Preflight_SwitchedOff_IsRefusedLikeAnythingWithoutAKey()
    {
        await using var market = await Market.StartAsync(redis, nodes: 0, "--Cors:Enabled=false");

        using var response = await PreflightAsync(market, "/v1/models", "GET");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("https://chat.example/")]
    [InlineData("chat.example")]
    [InlineData("*")]
    public async Task Start_OriginThatIsNone_NamesTheKey(string origin)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => Market.StartAsync(redis, nodes: 0, $"--Cors:Origins:0={origin}"));

        Assert.Contains("Cors:Origins", error.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> PreflightAsync(Market market, string path, string method, string origin = Page)
    {
        using var client = new HttpClient { BaseAddress = market.Public };
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(path, UriKind.Relative));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", SdkHeaders);
        return await client.SendAsync(request, Token);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(", ", response.Headers.GetValues(name));

    private static void AssertNoCredentials(HttpResponseMessage response) =>
        Assert.DoesNotContain(response.Headers, header => header.Key == "Access-Control-Allow-Credentials");
}
