using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ComputeShare.Contracts;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;
using Npgsql;
using StackExchange.Redis;

namespace ComputeShare.EndToEnd.Tests.Secrecy;

/// <summary>
/// Requests of every kind, good ones and failing ones, each with a word of its own; then everything that the running marketplace has written is looked
/// through for these words, the answers, and every key and secret that was used.
/// </summary>
public sealed class SecretsStayTests(Marketplace marketplace)
{
    private const string NodeId = "a-node-that-breaks";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly string _word = "zq" + RandomNumberGenerator.GetHexString(16, lowercase: true);
    private readonly string _poorKey = ApiKey.Create(ApiKey.ConsumerPrefix);
    private readonly string _managementKey = ApiKey.Create(ApiKey.ManagementPrefix);
    private readonly string _unknownKey = ApiKey.Create(ApiKey.ConsumerPrefix);
    private readonly List<string> _answers = [];
    private string _madeKey = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Traceparent { get; } = $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";

    [Fact]
    public async Task EverythingThatARunWrites_HoldsNoPromptNoAnswerAndNoSecret()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Where it is written what a process was started with is Linux' own.");
            return;
        }

        await MakeAccountAsync();
        await SucceedAsync();
        await FailAsync();
        string nodeOutput;
        await using (var node = StartBreakingNode())
        {
            await BreakAsync(node);
            nodeOutput = node.Output;
        }

        var findings = Secrets();
        findings.LookInto("the outputs of the processes", OutputButTheAnnouncement());
        findings.LookInto("the output of a node that broke", nodeOutput);
        await LookIntoTelemetryAsync(findings);
        await LookIntoRedisAsync(findings);
        foreach (var folder in Directory.EnumerateDirectories(marketplace.DataFolder))
        {
            findings.LookIntoFolder(folder);
        }

        Assert.Empty(findings.Found);
        // What lies beside these folders are the operator's own notes, keys among them.
        AssertAreForTheirOwnerOnly(Directory.GetFiles(marketplace.DataFolder));
        Assert.True(findings.Bytes > 10_000_000, $"Only {findings.Bytes} bytes were looked at.");
    }

    // The AppHost tells whoever started it the demo's key, and a request with it.
    private string OutputButTheAnnouncement() => string.Join(
        '\n', marketplace.Output.Split('\n').Where(line => line != marketplace.CurlLine && !line.StartsWith("API key:", StringComparison.Ordinal)));

    [UnsupportedOSPlatform("windows")]
    private static void AssertAreForTheirOwnerOnly(string[] files)
    {
        foreach (var file in files)
        {
            Assert.Equal((file, UnixFileMode.UserRead | UnixFileMode.UserWrite), (file, File.GetUnixFileMode(file)));
        }
    }

    /// <summary>With no credit, a key to ask with in vain, and one that makes keys: as the operator's commands would, which take seconds each.</summary>
    private async Task MakeAccountAsync()
    {
        var account = "poor-" + RandomNumberGenerator.GetHexString(8, lowercase: true);
        await using var database = NpgsqlDataSource.Create(marketplace.BillingDatabase);
        await ExecuteAsync(
            database,
            """
            INSERT INTO accounts (id, kind, name, balance, held, key_version, parallel_requests, requests_per_minute, tokens_per_minute, policy)
            VALUES ($1, 'consumer', $1, 0, 0, 1, 0, 0, 0, '')
            """,
            account);
        foreach (var (kind, key) in new[] { ("consumer", _poorKey), ("management", _managementKey) })
        {
            await ExecuteAsync(
                database,
                "INSERT INTO api_keys (id, account_id, kind, hash, allowed_models, created) VALUES ($1, $2, $3, $4, '{}', now())",
                $"{account}-{kind}",
                account,
                kind,
                ApiKey.Hash(key));
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(Token);
    }

    private async Task SucceedAsync()
    {
        await AskAsync("chat/completions", Chat("plain"), HttpStatusCode.OK);
        await AskAsync("chat/completions", Chat("streamed", """ "stream": true, """), HttpStatusCode.OK);
        await AskAsync("chat/completions", Chat("kept"), HttpStatusCode.OK, headers: ("Idempotency-Key", $"key-{_word[..6]}"));
        await AskAsync("chat/completions", Chat("call", """ "tools": [{"type":"function","function":{"name":"look","parameters":{"type":"object"}}}], "tool_choice": "required", """, tokens: 64), HttpStatusCode.OK);
        await AskAsync("completions", $$"""{"model":"auto","max_tokens":12,"prompt":"{{_word}} completes"}""", HttpStatusCode.OK);
        await AskAsync("responses", $$"""{"model":"auto","max_output_tokens":12,"input":"{{_word}} responds","instructions":"{{_word}}","metadata":{"a":"{{_word}}"},"user":"{{_word}}"}""", HttpStatusCode.OK);
        await AskAsync("embeddings", $$"""{"model":"computeshare/tiny","input":"{{_word}} embeds"}""", HttpStatusCode.OK);
        using var management = Client(_managementKey);
        using var made = await management.PostAsJsonAsync(new Uri("keys", UriKind.Relative), new { name = "made" }, Token);
        _madeKey = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("key").GetString()!;
    }

    private async Task FailAsync()
    {
        await AskAsync("chat/completions", Chat("wrong", """ "temperature": 9, """), HttpStatusCode.BadRequest);
        await AskAsync("chat/completions", "{\"" + _word, HttpStatusCode.BadRequest);
        await AskAsync("chat/completions", Chat("nobody's").Replace("auto", "no/such", StringComparison.Ordinal), HttpStatusCode.NotFound);
        await AskAsync("chat/completions", Chat("poor"), HttpStatusCode.PaymentRequired, key: _poorKey);
        await AskAsync("chat/completions", Chat("unknown"), HttpStatusCode.Unauthorized, key: _unknownKey);
        await AskAsync($"models?api_key={_madeKey}&prompt={_word}", null, HttpStatusCode.Unauthorized, key: "");
        await AskAsync("chat/completions", Chat("long").Replace("long", string.Join(' ', Enumerable.Repeat(_word, 3000)), StringComparison.Ordinal), HttpStatusCode.BadRequest);
        await AskAsync(
            "chat/completions",
            $$"""{"model":"auto","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://{{_word}}.example/"} }]}]}""",
            HttpStatusCode.BadRequest);
        await HangUpAsync();
    }

    private async Task HangUpAsync()
    {
        using var client = Client(marketplace.ApiKey);
        using var request = Request("chat/completions", Chat("left", """ "stream": true, "min_tokens": 200, """, tokens: 200));
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        await body.ReadExactlyAsync(new byte[100], Token);
    }

    private LocalProcess StartBreakingNode() => LocalProcess.Start(
        "dotnet",
        [Repository.PathOf("HosterNode", "bin", "Debug", "net10.0", "ComputeShare.HosterNode.dll")],
        new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Node__Id"] = NodeId,
            ["Node__Gateways__0"] = marketplace.Gateway.GetLeftPart(UriPartial.Authority),
            ["Node__HosterKey"] = marketplace.HosterKey,
            ["Ports__Health"] = "0",
            ["Engine__BuiltIn__Faults__FailAfter"] = "3",
            ["Logging__LogLevel__Default"] = "Debug",
            // Cheaper than the others, so that placement prefers it.
            ["Node__Prices__Input"] = "1000",
            ["Node__Prices__Output"] = "1000",
        });

    /// <summary>Until a stream has broken in the middle.</summary>
    private Task BreakAsync(LocalProcess node) => Poll.UntilAsync(
        "a stream breaks",
        async () =>
        {
            Assert.False(node.HasExited, node.Output);
            using var client = Client(marketplace.ApiKey);
            using var request = Request("chat/completions", Chat("broken", """ "stream": true, """));
            using var response = await client.SendAsync(request, Token);
            return (await response.Content.ReadAsStringAsync(Token)).Contains("\"error\"", StringComparison.Ordinal);
        },
        Limit,
        Token);

    private Findings Secrets()
    {
        var gateway = GatewayProcess.Find(marketplace.DataFolder);
        var findings = new Findings();
        findings.LookFor("a prompt", _word);
        foreach (var answer in _answers)
        {
            findings.LookFor("an answer", answer);
        }

        findings.LookFor("the consumer's key", marketplace.ApiKey[4..]);
        findings.LookFor("the hoster's key", marketplace.HosterKey);
        findings.LookFor("a key without credit", _poorKey);
        findings.LookFor("a management key", _managementKey);
        findings.LookFor("an unknown key", _unknownKey);
        findings.LookFor("a key that was made, and sent in a URL", _madeKey);
        findings.LookFor("the service secret", gateway["Services__Secret"]);
        findings.LookFor("the key of kept answers", gateway["Idempotency__AnswerKey"]);
        findings.LookFor("the database's password", new NpgsqlConnectionStringBuilder(marketplace.BillingDatabase).Password!);
        return findings;
    }

    private async Task LookIntoTelemetryAsync(Findings findings)
    {
        using var telemetry = marketplace.CreateTelemetryClient();
        var trace = Traceparent.Split('-')[1];
        await Poll.UntilAsync(
            "the last request's spans are there",
            async () => (await TelemetryAsync(telemetry, $"spans?traceId={trace}&limit=2000")).Contains("node_", StringComparison.Ordinal),
            Limit,
            Token);
        foreach (var kind in new[] { "spans?limit=20000", "logs?limit=20000", "resources" })
        {
            var told = await TelemetryAsync(telemetry, kind);
            Assert.Contains("gateway", told, StringComparison.Ordinal);
            findings.LookInto("telemetry: " + kind, told);
        }
    }

    private static async Task<string> TelemetryAsync(HttpClient telemetry, string what)
    {
        using var response = await telemetry.GetAsync(new Uri("/api/telemetry/" + what, UriKind.Relative), Token);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(Token) : "";
    }

    private async Task LookIntoRedisAsync(Findings findings)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(GatewayProcess.Find(marketplace.DataFolder)["ConnectionStrings__redis"]);
        var server = redis.GetServer(redis.GetEndPoints()[0]);
        foreach (var key in server.Keys().ToArray())
        {
            findings.LookInto($"Redis: {key}", $"{key}");
            findings.LookInto($"Redis: {key}", await redis.GetDatabase().KeyDumpAsync(key) ?? []);
        }
    }

    private string Chat(string what, string more = "", int tokens = 12) =>
        $$"""{"model":"auto","max_tokens":{{tokens}},{{more}} "messages":[{"role":"user","content":"{{_word}} {{what}}"}]}""";

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
