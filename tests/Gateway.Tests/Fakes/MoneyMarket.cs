using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>
/// Three real gateways and two real Billings on a real PostgreSQL, so that money is raced for; the node and the Scheduler are fakes that
/// never have too little room.
/// </summary>
internal sealed class MoneyMarket : IAsyncDisposable
{
    private const int Gateways = 3;
    private const int Billings = 2;
    private const string Secret = "the-service-secret-of-the-tests-0";
    private const string Hoster = "race-hoster";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly List<LocalProcess> _billings = [];
    private readonly List<FakeService> _services = [];
    private readonly List<WebApplication> _gateways = [];
    private readonly List<DirectoryInfo> _spools = [];
    private readonly FakeScheduler _scheduler = new() { Nodes = ["node-0"] };
    private readonly FakeNode _node = new();
    private readonly PostgresServer _postgres = new();
    private readonly string _hosterKey = ApiKey.Create(ApiKey.HosterPrefix);
    private NpgsqlDataSource _database = null!;
    private Uri _nodeAddress = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Where requests go to, in turns.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _gateways.Select(gateway => new Uri(gateway.Urls.First()))];

    public FakeNode Node => _node;

    /// <summary>Of the hoster whose node serves here; another than the node joined with may be made with it.</summary>
    public string HosterKey => _hosterKey;

    /// <summary>What the gateways said of nodes that are gone.</summary>
    public IReadOnlyCollection<NodeGone> Departures => _scheduler.Departures;

    /// <param name="outputPrice">Nano-dollars of one completion token; prompts cost nothing, so that a hold can be exact.</param>
    /// <param name="options">More of the gateways' arguments.</param>
    public static async Task<MoneyMarket> StartAsync(RedisServer redis, long outputPrice, params string[] options)
    {
        var market = new MoneyMarket();
        await market._postgres.InitializeAsync();
        var database = await market._postgres.CreateDatabaseAsync(Token);
        market._database = NpgsqlDataSource.Create(database);
        var billings = await market.StartBillingsAsync(database);
        await market.OpenHosterAsync(outputPrice);
        await market.StartGatewaysAsync(redis, billings, options);
        return market;
    }

    /// <summary>A consumer with so much credit, and its keys.</summary>
    public async Task<(string Account, string Key, string ManagementKey)> NewConsumerAsync(long credit)
    {
        var account = RequestId.New(TimeProvider.System).Value;
        var (key, management) = (ApiKey.Create(ApiKey.ConsumerPrefix), ApiKey.Create(ApiKey.ManagementPrefix));
        await ExecuteAsync(
            $"""
            INSERT INTO accounts (id, kind, name, balance, held, key_version, parallel_requests, requests_per_minute, tokens_per_minute, policy)
            VALUES ('{account}', 'consumer', 'c-{account}', {credit}, 0, 1, 0, 0, 0, '');
            INSERT INTO api_keys (id, account_id, kind, hash, allowed_models)
            VALUES ('{RequestId.New(TimeProvider.System)}', '{account}', 'consumer', '\x{Convert.ToHexString(ApiKey.Hash(key))}', ARRAY[]::text[]),
                ('{RequestId.New(TimeProvider.System)}', '{account}', 'management', '\x{Convert.ToHexString(ApiKey.Hash(management))}', ARRAY[]::text[]);
            WITH topup AS (INSERT INTO ledger_transactions (request_id, kind) VALUES (gen_random_uuid(), 'topup') RETURNING request_id)
            INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
            SELECT request_id, 'topup', 0::smallint, '{account}', 'consumer:balance', {credit} FROM topup
            UNION ALL SELECT request_id, 'topup', 1::smallint, 'platform', 'platform:topup', -{credit} FROM topup;
            """);
        return (account, key, management);
    }

    public async Task<long> ScalarAsync(FormattableString sql)
    {
        await using var command = _database.CreateCommand(sql.ToString(CultureInfo.InvariantCulture));
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.StopAsync(CancellationToken.None);
            await gateway.DisposeAsync();
        }

        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        foreach (var billing in _billings)
        {
            await billing.DisposeAsync();
        }

        _spools.ForEach(spool => spool.Delete(recursive: true));
        _scheduler.Dispose();
        await _database.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    private async Task<List<Uri>> StartBillingsAsync(string database)
    {
        var program = Repository.PathOf("Billing", "bin", "Debug", "net10.0", "ComputeShare.Billing.dll");
        var ports = LoopbackPorts.TakeKept(2 * Billings);
        await using (var migration = LocalProcess.Start("dotnet", [program, "migrate"], Environment(0, 0)))
        {
            await Poll.UntilAsync("the migration ends", () => migration.HasExited, StartLimit, Token);
            Assert.True(migration.ExitCode == 0, migration.Output);
        }

        for (var index = 0; index < Billings; index++)
        {
            _billings.Add(LocalProcess.Start("dotnet", [program], Environment(ports[2 * index], ports[(2 * index) + 1])));
        }

        return [.. Enumerable.Range(0, Billings).Select(index => new Uri($"http://127.0.0.1:{ports[2 * index]}"))];

        Dictionary<string, string?> Environment(int port, int health) => new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Ports__Internal"] = port.ToString(CultureInfo.InvariantCulture),
            ["Ports__Health"] = health.ToString(CultureInfo.InvariantCulture),
            ["Services__Secret"] = Secret,
            ["ConnectionStrings__billing"] = database,
        };
    }

    // The Scheduler's fake leases node-0 at price-node-0.
    private Task OpenHosterAsync(long outputPrice) => ExecuteAsync(
        $"""
        INSERT INTO accounts (id, kind, name, balance, held, key_version, parallel_requests, requests_per_minute, tokens_per_minute, policy)
        VALUES ('{Hoster}', 'hoster', '{Hoster}', 0, 0, 1, 0, 0, 0, '');
        INSERT INTO api_keys (id, account_id, kind, hash, allowed_models)
        VALUES ('hoster-key', '{Hoster}', 'hoster', '\x{Convert.ToHexString(ApiKey.Hash(_hosterKey))}', ARRAY[]::text[]);
        INSERT INTO nodes (id, hoster_id) VALUES ('node-0', '{Hoster}');
        INSERT INTO prices (id, node_id, model_id, input, cached_input, output, valid_to)
        VALUES ('price-node-0', 'node-0', 'computeshare/tiny', 0, 0, {outputPrice * 1_000_000}, now());
        """);

    private async Task StartGatewaysAsync(RedisServer redis, List<Uri> billings, string[] options)
    {
        var scheduler = await FakeService.StartAsync(Secret, services => services.AddSingleton(_scheduler), app => app.MapGrpcService<FakeScheduler>());
        var node = await FakeService.StartAsync(Market.DialToken, services => services.AddSingleton(_node), app => app.MapGrpcService<FakeNode>());
        _services.AddRange([scheduler, node]);
        for (var index = 0; index < Gateways; index++)
        {
            _spools.Add(Directory.CreateTempSubdirectory("computeshare-spool-"));
            var gateway = Program.Build(
            [
                "--Ports:Public=0", "--Ports:Internal=0", "--Ports:Health=0", $"--Services:Secret={Secret}", "--Logging:LogLevel:Default=None",
                $"--services:scheduler:http:0={scheduler.Address}", $"--services:billing:http:0={billings[0]}", $"--services:billing:http:1={billings[1]}",
                $"--ConnectionStrings:redis={redis.ConnectionString}", $"--Settlement:SpoolPath={_spools[index].FullName}", "--Settlement:ReplayEvery=00:00:00.05",
                "--Settlement:SpoolAfter=00:01:00", "--Settlement:Timeout=00:01:00", "--Sessions:AnswerTimeout=00:01:00", .. options,
            ]);
            await gateway.StartAsync(Token);
            _gateways.Add(gateway);
            _nodeAddress = node.Address;
            await JoinAsync(new Uri(gateway.Urls.First()), "node-0", _hosterKey);
        }
    }

    /// <summary>Has a gateway watch the node, under this id.</summary>
    public async Task JoinAsync(Uri gateway, string nodeId, string hosterKey)
    {
        using var client = new HttpClient { BaseAddress = gateway };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", hosterKey);
        var body = JsonSerializer.Serialize(new { node_id = nodeId, address = _nodeAddress.ToString(), dial_token = Market.DialToken, incarnation = "first" });
        await Poll.UntilAsync(
            "the node is in",
            async () =>
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var joined = await client.PostAsync(new Uri("/v1/nodes", UriKind.Relative), content, Token);
                return joined.StatusCode == HttpStatusCode.OK;
            },
            StartLimit,
            Token);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }
}
