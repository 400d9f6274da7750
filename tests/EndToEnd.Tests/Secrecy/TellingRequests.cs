using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ComputeShare.Contracts;

namespace ComputeShare.EndToEnd.Tests.Secrecy;

/// <summary>Requests of every kind, good ones and failing ones, with a word in each, and what they were answered.</summary>
internal sealed class TellingRequests(Marketplace marketplace)
{
    private readonly List<string> _answers = [];
    private readonly List<(string Place, string Answer)> _failures = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Stands in every prompt.</summary>
    public string Word { get; } = "zq" + RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>No secret: put where it may be written, it shows that a secret would be found there.</summary>
    public string Control { get; } = "zc" + RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Of an account without credit.</summary>
    public string PoorKey { get; } = ApiKey.Create(ApiKey.ConsumerPrefix);

    public string ManagementKey { get; } = ApiKey.Create(ApiKey.ManagementPrefix);

    public string UnknownKey { get; } = ApiKey.Create(ApiKey.ConsumerPrefix);

    /// <summary>Made by a request, and sent in a URL.</summary>
    public string MadeKey { get; private set; } = "";

    public string Traceparent { get; } = $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";

    /// <summary>What the model said.</summary>
    public IReadOnlyList<string> Answers => _answers;

    /// <summary>Whole answers, headers and all.</summary>
    public IReadOnlyList<(string Place, string Answer)> Failures => _failures;

    public async Task SucceedAsync()
    {
        await AskAsync("chat/completions", Chat("plain"), HttpStatusCode.OK);
        await AskAsync("chat/completions", Chat("streamed", """ "stream": true, """), HttpStatusCode.OK);
        await AskAsync("chat/completions", Chat("kept"), HttpStatusCode.OK, headers: ("Idempotency-Key", $"key-{Word[..6]}"));
        await AskAsync("chat/completions", Chat("call", """ "tools": [{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}], "tool_choice": "required", """, tokens: 64), HttpStatusCode.OK);
        await AskAsync("completions", $$"""{"model":"auto","max_tokens":12,"prompt":"{{Word}} completes"}""", HttpStatusCode.OK);
        await AskAsync("responses", $$"""{"model":"auto","max_output_tokens":12,"input":"{{Word}} responds","instructions":"{{Word}}","metadata":{"a":"{{Word}}"},"user":"{{Word}}"}""", HttpStatusCode.OK);
        await AskAsync("embeddings", $$"""{"model":"computeshare/tiny","input":"{{Word}} embeds"}""", HttpStatusCode.OK);
        using var management = Client(ManagementKey);
        using var made = await management.PostAsJsonAsync(new Uri("keys", UriKind.Relative), new { name = "made" }, Token);
        MadeKey = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("key").GetString()!;
    }

    public async Task FailAsync()
    {
        await AskAsync("chat/completions", Chat("wrong", """ "temperature": 9, """), HttpStatusCode.BadRequest);
        await AskAsync("chat/completions", "{\"" + Word, HttpStatusCode.BadRequest);
        await AskAsync("chat/completions", Chat("nobody's").Replace("auto", "no/" + Control, StringComparison.Ordinal), HttpStatusCode.NotFound);
        await AskAsync("chat/completions", Chat("poor"), HttpStatusCode.PaymentRequired, key: PoorKey);
        await AskAsync("chat/completions", Chat("unknown"), HttpStatusCode.Unauthorized, key: UnknownKey);
        await AskAsync($"models?api_key={MadeKey}&prompt={Word}", null, HttpStatusCode.Unauthorized, key: "");
        await AskAsync("chat/completions", Chat("long").Replace("long", string.Join(' ', Enumerable.Repeat(Word, 3000)), StringComparison.Ordinal), HttpStatusCode.BadRequest);
        await AskAsync(
            "chat/completions",
            $$"""{"model":"auto","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://{{Word}}.example/"} }]}]}""",
            HttpStatusCode.BadRequest);
        await HangUpAsync();
    }

    /// <returns>Whether a stream broke in the middle.</returns>
    public async Task<bool> BreakAsync()
    {
        using var client = Client(marketplace.ApiKey);
        using var request = Request("chat/completions", Chat("broken", """ "stream": true, """));
        using var response = await client.SendAsync(request, Token);
        var answer = await response.Content.ReadAsStringAsync(Token);
        var isBroken = answer.Contains("\"error\"", StringComparison.Ordinal);
        if (isBroken)
        {
            _failures.Add(("a stream that broke", $"{response}\n{answer}"));
        }

        return isBroken;
    }

    private async Task HangUpAsync()
    {
        using var client = Client(marketplace.ApiKey);
        using var request = Request("chat/completions", Chat("left", """ "stream": true, "min_tokens": 200, """, tokens: 200));
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        await body.ReadExactlyAsync(new byte[100], Token);
    }

    private string Chat(string what, string more = "", int tokens = 12) =>
        $$"""{"model":"auto","max_tokens":{{tokens}},{{more}} "messages":[{"role":"user","content":"{{Word}} {{what}}"}]}""";

    private async Task AskAsync(string path, string? body, HttpStatusCode expected, string? key = null, params (string Name, string Value)[] headers)
    {
        using var client = Client(key ?? marketplace.ApiKey);
        using var request = Request(path, body);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await client.SendAsync(request, Token);
        var answer = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == expected, $"{path}: {(int)response.StatusCode}");
        if (expected != HttpStatusCode.OK)
        {
            // Without the query: one of them holds a key and a prompt.
            _failures.Add(($"a failing answer to {path.Split('?')[0]}", $"{response}\n{answer}"));
        }

        if (expected == HttpStatusCode.OK && path == "chat/completions" && !answer.StartsWith("data:", StringComparison.Ordinal)
            && JsonDocument.Parse(answer).RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString() is { Length: > 12 } text)
        {
            // As long as nothing else says so by chance.
            _answers.Add(text);
        }
    }

    private HttpRequestMessage Request(string path, string? body)
    {
        var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Headers.Add("traceparent", Traceparent);
        // Logged and traced, as promised to callers.
        request.Headers.Add("X-Client-Request-Id", Control);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return request;
    }

    private HttpClient Client(string key)
    {
        var client = marketplace.CreateClient();
        client.DefaultRequestHeaders.Authorization = key.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}
