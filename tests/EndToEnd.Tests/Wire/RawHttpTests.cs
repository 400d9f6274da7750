using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace ComputeShare.EndToEnd.Tests.Wire;

public sealed class RawHttpTests(Marketplace marketplace)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Wire", "25")]
    [Trait("Wire", "33")]
    [Trait("Wire", "34")]
    [Trait("Wire", "35")]
    public async Task Stream_ReadAsPythonSdkDoes_HasTheDocumentedShape()
    {
        using var client = marketplace.CreateClient();

        using var response = await PostAsync(client, """{"model":"auto","stream":true,"max_tokens":8,"temperature":0,"messages":[{"role":"user","content":"Hi"}]}""");
        var (events, done) = ServerSentEvents.Read(await response.Content.ReadAsStringAsync(Token));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.True(done);
        Assert.Single(events.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
        Assert.Single(events.Select(chunk => chunk.GetProperty("created").GetInt64()).Distinct());
        Assert.All(events, chunk => Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString()));
        Assert.All(events, chunk => Assert.Equal("auto", chunk.GetProperty("model").GetString()));
        Assert.All(events, chunk => Assert.False(chunk.TryGetProperty("usage", out _)));
        var choices = events.Select(chunk => Assert.Single(chunk.GetProperty("choices").EnumerateArray().ToArray())).ToArray();
        Assert.Equal("assistant", choices[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.NotEmpty(choices[0].GetProperty("delta").GetProperty("content").GetString()!);
        Assert.All(choices[1..], choice => Assert.False(choice.GetProperty("delta").TryGetProperty("role", out _)));
        Assert.All(choices[..^1], choice => Assert.Equal(JsonValueKind.Null, choice.GetProperty("finish_reason").ValueKind));
        Assert.Empty(choices[^1].GetProperty("delta").EnumerateObject());
        Assert.Contains(choices[^1].GetProperty("finish_reason").GetString(), new[] { "stop", "length" });
    }

    [Fact]
    public async Task Completion_SameBodyAndSeed_IsTheSameTextStreamedOrWhole()
    {
        using var client = marketplace.CreateClient();
        const string Fields = """
            "model":"auto","max_tokens":10,"temperature":1,"seed":7,"messages":[{"role":"user","content":"Hi"}]
            """;

        using var streamed = await PostAsync(client, $$"""{"stream":true,{{Fields}}}""");
        using var whole = await PostAsync(client, $$"""{{{Fields}}}""");
        var (events, _) = ServerSentEvents.Read(await streamed.Content.ReadAsStringAsync(Token));
        var completion = await whole.Content.ReadFromJsonAsync<JsonElement>(Token);

        Assert.Equal(
            completion.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(),
            ServerSentEvents.TextOf(events));
    }

    [Fact]
    [Trait("Wire", "21")]
    [Trait("Wire", "26")]
    public async Task Response_Any_CarriesTheIdsAndWhatServedIt()
    {
        using var client = marketplace.CreateClient();

        using var response = await PostAsync(client, """{"model":"auto","max_tokens":2,"messages":[{"role":"user","content":"Hi"}]}""");
        var completion = await response.Content.ReadFromJsonAsync<JsonElement>(Token);

        var id = completion.GetProperty("id").GetString()!;
        Assert.StartsWith("chatcmpl-", id, StringComparison.Ordinal);
        Assert.Equal("req_" + id["chatcmpl-".Length..], Header(response, "x-request-id"));
        Assert.Equal("computeshare/tiny", Header(response, "x-computeshare-model"));
        Assert.Equal("demo-hoster", Header(response, "x-computeshare-hoster"));
        Assert.Equal("1", Header(response, "x-computeshare-attempts"));
    }

    [Theory]
    [InlineData("""{"model":"auto","messages":[]}""", HttpStatusCode.BadRequest, "messages", null)]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]}""", HttpStatusCode.BadRequest, "model", null)]
    [InlineData("""{"model":"auto","temperature":3,"messages":[{"role":"user","content":"Hi"}]}""", HttpStatusCode.BadRequest, "temperature", null)]
    [InlineData("""{"model":"nobody/knows","messages":[{"role":"user","content":"Hi"}]}""", HttpStatusCode.NotFound, "model", "model_not_found")]
    [InlineData("""{"model":""", HttpStatusCode.BadRequest, null, null)]
    public async Task Request_Wrong_IsOpenAIsErrorObject(string body, HttpStatusCode status, string? param, string? code)
    {
        using var client = marketplace.CreateClient();

        using var response = await PostAsync(client, body);
        var error = await ReadErrorAsync(response);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Bearer ngk_00000000000000000000000000000000000000", "invalid_api_key")]
    [InlineData("Basic abc", "invalid_api_key")]
    public async Task Request_WithoutAValidKey_Is401(string? authorization, string? code)
    {
        using var client = new HttpClient { BaseAddress = new Uri(marketplace.Gateway + "/") };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("models", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var response = await client.SendAsync(request, Token);
        var error = await ReadErrorAsync(response);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(code, error.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("GET", "chat/completions", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "nowhere", HttpStatusCode.NotFound)]
    public async Task Request_PathOrMethodUnknown_IsOpenAIsErrorObject(string method, string path, HttpStatusCode status)
    {
        using var client = marketplace.CreateClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));

        using var response = await client.SendAsync(request, Token);

        Assert.Equal(status, response.StatusCode);
        Assert.NotEmpty((await ReadErrorAsync(response)).GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Models_Listed_BeginWithAuto()
    {
        using var client = marketplace.CreateClient();

        var list = await client.GetFromJsonAsync<JsonElement>(new Uri("models", UriKind.Relative), Token);

        Assert.Equal("list", list.GetProperty("object").GetString());
        Assert.Equal(
            ["auto", "computeshare/tiny"],
            list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.PostAsync(new Uri("chat/completions", UriKind.Relative), content, Token);
    }

    private static async Task<JsonElement> ReadErrorAsync(HttpResponseMessage response)
    {
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.Equal(["code", "message", "param", "type"], error.EnumerateObject().Select(property => property.Name).Order());
        Assert.True(response.Headers.Contains("x-request-id"));
        return error;
    }

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));
}
