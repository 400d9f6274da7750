using System.Runtime.Versioning;
using System.Security.Cryptography;
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

    private readonly string _dialToken = RandomNumberGenerator.GetHexString(48, lowercase: true);
    private readonly TellingRequests _requests = new(marketplace);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EverythingThatARunWrites_HoldsNoPromptNoAnswerAndNoSecret()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Where it is written what a process was started with is Linux' own.");
            return;
        }

        await MakeAccountAsync();
        await _requests.SucceedAsync();
        await _requests.FailAsync();
        string nodeOutput;
        await using (var node = StartBreakingNode())
        {
            await BreakAsync(node);
            nodeOutput = node.Output;
        }

        var findings = Secrets();
        foreach (var (place, answer) in _requests.Failures)
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
        var account = "poor-" + _requests.Control;
        await using var database = NpgsqlDataSource.Create(marketplace.BillingDatabase);
        await ExecuteAsync(
            database,
            """
            INSERT INTO accounts (id, kind, name, balance, held, key_version, parallel_requests, requests_per_minute, tokens_per_minute, policy)
            VALUES ($1, 'consumer', $1, 0, 0, 1, 0, 0, 0, '')
            """,
            account);
        foreach (var (kind, key) in new[] { ("consumer", _requests.PoorKey), ("management", _requests.ManagementKey) })
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
            return await _requests.BreakAsync();
        },
        Limit,
        Token);

    private Findings Secrets()
    {
        var gateway = GatewayProcess.Find(marketplace.DataFolder);
        var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(marketplace.DataFolder, "dashboard.json"))).RootElement;
        var findings = new Findings(_requests.Control);
        findings.LookFor("a prompt", _requests.Word);
        foreach (var answer in _requests.Answers)
        {
            findings.LookFor("an answer", answer);
        }

        findings.LookFor("the consumer's key", marketplace.ApiKey[4..]);
        findings.LookFor("the hoster's key", marketplace.HosterKey);
        findings.LookFor("a key without credit", _requests.PoorKey);
        findings.LookFor("a management key", _requests.ManagementKey);
        findings.LookFor("an unknown key", _requests.UnknownKey);
        findings.LookFor("a key that was made, and sent in a URL", _requests.MadeKey);
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
        var trace = _requests.Traceparent.Split('-')[1];
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
        await database.StringSetAsync(ControlKey, $"{_requests.Control[..9]} {_requests.Control[9..]} {_requests.Control}");
        foreach (var key in server.Keys().ToArray())
        {
            findings.LookInto($"Redis: {key}", $"{key}");
            findings.LookInto($"Redis: {key}", await database.KeyDumpAsync(key) ?? []);
        }

        await database.KeyDeleteAsync(ControlKey);
    }
}
