using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.OpenAI;

[Trait("Category", "Integration")]
public sealed class ErrorObjectTests(SharedMarket shared, RedisServer redis) : IClassFixture<SharedMarket>
{
    private readonly Market _market = shared.Market;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Wire", "2")]
    [Trait("Wire", "1")]
    [Trait("Wire", "14")]
    [InlineData("GET", "/nowhere", 404, "unknown_url")]
    [InlineData("GET", "/health", 404, "unknown_url")]
    [InlineData("GET", "/v1/chat/completions", 405, "method_not_allowed")]
    [InlineData("GET", "/v1/models/no/such", 404, "model_not_found")]
    [InlineData("GET", "/v1/generations/chatcmpl-no", 404, "generation_not_found")]
    [InlineData("POST", "/v1/models", 405, "method_not_allowed")]
    [InlineData("DELETE", "/v1/models/computeshare/tiny", 405, "method_not_allowed")]
    public async Task Path_OrMethodUnknown_IsTheErrorObject(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));

        await AssertErrorAsync(request, status, code);
    }

    [Theory]
    [Trait("Wire", "14")]
    [InlineData("GET", "/v1/chat/completions", "POST")]
    [InlineData("PUT", "/v1/models", "GET, HEAD")]
    public async Task Method_Wrong_IsToldWhichAreRight(string method, string path, string allow)
    {
        using var client = _market.CreateClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));

        using var response = await client.SendAsync(request, Token);

        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow.Order()));
    }

    [Theory]
    [InlineData("what?\r\n\r\n", 400)]
    [InlineData("GET /v1/models HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /v1/models HTTP/1.1\r\nHost: g\r\nno header\r\n\r\n", 400)]
    [InlineData("GET /v1/models HTTP/9.9\r\n\r\n", 505)]
    [InlineData("long line", 414)]
    [InlineData("long headers", 431)]
    public async Task Bytes_ThatAreNoRequest_AreRefusedByTheServerWithoutABody(string bytes, int status)
    {
        var request = bytes switch
        {
            "long line" => $"GET /{new string('a', 9 * 1024)} HTTP/1.1\r\nHost: g\r\n\r\n",
            "long headers" => $"GET /v1/models HTTP/1.1\r\nHost: g\r\nX: {new string('a', 33 * 1024)}\r\n\r\n",
            _ => bytes,
        };

        using var client = await RawClient.SendAsync(_market, request, Token);
        var answer = await client.ReadToEndAsync(Token);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 0\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Wire", "7")]
    [InlineData("{\"model\":")]
    [InlineData("{\"model\":\"a\",\"model\":\"b\"}")]
    [InlineData("{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud83d\"}]}")]
    [InlineData("")]
    public async Task Body_NotJson_Is400(string body)
    {
        using var request = Post(Encoding.UTF8.GetBytes(body), "application/json");

        var response = await AssertErrorAsync(request, 400, null);

        Assert.Equal("""{"error":{"message":"We could not parse the JSON body of your request.","type":"invalid_request_error","param":null,"code":null}}""", response);
    }

    [Fact]
    [Trait("Wire", "7")]
    public async Task Body_InvalidUtf8OrNestedTooDeep_Is400()
    {
        using var invalid = Post([.. "{\"model\":\""u8, 0xC3, 0x28, .. "\"}"u8], "application/json");
        using var deep = Post(Encoding.UTF8.GetBytes(new string('[', 10_000)), "application/json");

        await AssertErrorAsync(invalid, 400, null);
        await AssertErrorAsync(deep, 400, null);
    }

    [Theory]
    [Trait("Wire", "14")]
    [InlineData("text/plain")]
    [InlineData("application/json", "zstd")]
    [InlineData("application/json", "gzip", "br")]
    public async Task Body_OfAnotherMediaType_Is415(string type, params string[] encodings)
    {
        using var request = Post("{}"u8.ToArray(), type);
        foreach (var encoding in encodings)
        {
            request.Content!.Headers.ContentEncoding.Add(encoding);
        }

        await AssertErrorAsync(request, 415, "unsupported_media_type");
    }

    [Fact]
    [Trait("Wire", "13")]
    public async Task Body_TooLargeAndAnnounced_Is413BeforeItIsSent()
    {
        using var request = Post(new byte[RequestBody.MostBytes + 1], "application/json");
        request.Headers.ExpectContinue = true;

        await AssertErrorAsync(request, 413, "request_too_large");
    }

    [Fact]
    [Trait("Wire", "19")]
    public async Task Defect_Any_Is500WithoutInternals()
    {
        await using var broken = await Market.StartAsync(redis, 1, "--environment=Development", "--Faults:gateway.leased=throw");

        using var response = await broken.PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(
            """{"error":{"message":"The server had an error while processing your request.","type":"server_error","param":null,"code":null}}""",
            await response.Content.ReadAsStringAsync(Token));
    }

    private static HttpRequestMessage Post(byte[] body, string type)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat/completions", UriKind.Relative)) { Content = content };
    }

    private async Task<string> AssertErrorAsync(HttpRequestMessage request, int status, string? code)
    {
        using var client = _market.CreateClient();
        using var response = await client.SendAsync(request, Token);
        var body = await response.Content.ReadAsStringAsync(Token);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
        var error = JsonDocument.Parse(body).RootElement.GetProperty("error");
        Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(field => field.Name));
        Assert.Equal(code, error.GetProperty("code").GetString());
        return body;
    }
}
