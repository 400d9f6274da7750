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
/// Requests of every kind, good ones and failing ones, with a word in each; then everything that the running marketplace has written, but its metrics,
/// which the dashboard's API does not give, is looked through for this word, the answers, and every key and secret that was used.
/// </summary>
public sealed class SecretsStayTests(Marketplace marketplace)
{
    private const string NodeId = "a-node-that-breaks";
    private const string Outputs = "the outputs of the processes";
    private const string Spans = "spans?limit=20000";
    private const string Logs = "logs?limit=20000";
    private const string ControlKey = "a-test-looks-for-this";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly string _word = "zq" + RandomNumberGenerator.GetHexString(16, lowercase: true);

    // No secret: put where it may be written, it shows that a secret would be found there.
    private readonly string _control = "zc" + RandomNumberGenerator.GetHexString(16, lowercase: true);
    private readonly string _dialToken = RandomNumberGenerator.GetHexString(48, lowercase: true);
    private readonly string _poorKey = ApiKey.Create(ApiKey.ConsumerPrefix);
    private readonly string _managementKey = ApiKey.Create(ApiKey.ManagementPrefix);
    private readonly string _unknownKey = ApiKey.Create(ApiKey.ConsumerPrefix);
    private readonly List<string> _answers = [];
    private readonly List<(string Place, string Answer)> _failures = [];
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
        foreach (var (place, answer) in _failures)
        {
            findings.LookInto(place, answer);
        }

        findings.LookInto(Outputs, OutputButTheAnnouncement());
        findings.LookInto("the output of a node that broke", nodeOutput);
        await LookIntoTelemetryAsync(findings);
        await LookIntoRedisAsync(findings);
        // What Redis is started with: it learns its password there.
        var redisSettings = Path.Combine(marketplace.DataFolder, "redis", "redis.conf");
        foreach (var folder in Directory.EnumerateDirectories(marketplace.DataFolder))
        {
            findings.LookIntoFolder(folder, but: redisSettings);
        }

        Assert.Empty(findings.Found);
        AssertSees(findings);
        // What lies beside these folders are the operator's own notes, keys among them.
        AssertAreForTheirOwnerOnly([.. Directory.GetFiles(marketplace.DataFolder).Append(redisSettings).Where(File.Exists)]);
        Assert.True(findings.Bytes > 10_000_000, $"Only {findings.Bytes} bytes were looked at.");
    }

    // The AppHost tells whoever started it the demo's key, a request with it, and the dashboard's page with the token that opens it.
    private string OutputButTheAnnouncement() => string.Join(
        '\n',
        marketplace.Output.Split('\n').Where(line => line != marketplace.CurlLine
            && !line.StartsWith("API key:", StringComparison.Ordinal) && !line.Contains("/login?t=", StringComparison.Ordinal)));

    /// <summary>The control was found in each kind of place, so the search does not pass by seeing nothing.</summary>
    private void AssertSees(Findings findings)
    {
        List<string> places = ["a failing answer to chat/completions", "telemetry: " + Spans, "telemetry: " + Logs, "Redis: " + ControlKey];
        // Aspire itself shows what services print in its dashboard only; the stand-in prints it.
        if (marketplace.Output.Contains("[gateway]", StringComparison.Ordinal))
        {
            places.Add(Outputs);
        }

        Assert.Empty(places.Except(findings.Seen));
        // As a container it keeps its files in a volume.
        var postgres = Path.Combine(marketplace.DataFolder, "postgres");
        if (Directory.Exists(postgres))
        {
            Assert.Contains(findings.Seen, place => place.StartsWith(postgres, StringComparison.Ordinal));
        }
    }

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
        var account = "poor-" + _control;
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
        await AskAsync("chat/completions", Chat("nobody's").Replace("auto", "no/" + _control, StringComparison.Ordinal), HttpStatusCode.NotFound);
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
            // Given, because what a node makes for itself nobody else knows.
            ["Node__DialToken"] = _dialToken,
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
            var answer = await response.Content.ReadAsStringAsync(Token);
            var isBroken = answer.Contains("\"error\"", StringComparison.Ordinal);
            if (isBroken)
            {
                _failures.Add(("a stream that broke", $"{response}\n{answer}"));
            }

            return isBroken;
        },
        Limit,
        Token);

    private Findings Secrets()
    {
        var gateway = GatewayProcess.Find(marketplace.DataFolder);
        var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(marketplace.DataFolder, "dashboard.json"))).RootElement;
        var findings = new Findings(_control);
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
        // Of setup and services alike: here both connect as the owner.
        findings.LookFor("the database's password", new NpgsqlConnectionStringBuilder(marketplace.BillingDatabase).Password!);
        findings.LookFor("Redis' password", ConfigurationOptions.Parse(gateway["ConnectionStrings__redis"]).Password!);
        findings.LookFor("a dial token", _dialToken);
        findings.LookFor("the key of the dashboard's API", dashboard.GetProperty("apiKey").GetString()!);
        findings.LookFor("the key that telemetry is sent with", dashboard.GetProperty("otlpApiKey").GetString()!);
        findings.LookFor("the token that opens the dashboard", marketplace.Dashboard.Query["?t=".Length..]);
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
        foreach (var kind in new[] { Spans, Logs, "resources" })
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
        await using var redis = await ConnectionMultiplexer.ConnectAsync(
            GatewayProcess.Find(marketplace.DataFolder)["ConnectionStrings__redis"],
            options => options.AllowAdmin = true);
        var server = redis.GetServer(redis.GetEndPoints()[0]);
        var database = redis.GetDatabase();
        // Compressed, a value can hold a word that its dump does not show.
        await server.ConfigSetAsync("rdbcompression", "no");
        // Halves first: compressed, the whole word would be references to them.
        await database.StringSetAsync(ControlKey, $"{_control[..9]} {_control[9..]} {_control}");
        foreach (var key in server.Keys().ToArray())
        {
            findings.LookInto($"Redis: {key}", $"{key}");
            findings.LookInto($"Redis: {key}", await database.KeyDumpAsync(key) ?? []);
        }

        await database.KeyDeleteAsync(ControlKey);
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
        request.Headers.Add("X-Client-Request-Id", _control);
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
