using System.Security.Cryptography;
using System.Text.RegularExpressions;
using ComputeShare.Contracts;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>
/// Two gateways, two schedulers, two billings and three nodes as processes from their build outputs, with a Redis and a PostgreSQL of
/// their own, once for all tests of this folder. Tests break it as they like: each begins with <see cref="BecomeWellAsync"/>.
/// </summary>
public partial class Cluster : IAsyncLifetime
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan WellLimit = TimeSpan.FromSeconds(40);

    private readonly ClusterShape _shape;
    private readonly DirectoryInfo _spool;
    private readonly DirectoryInfo _faults = Directory.CreateTempSubdirectory("computeshare-faults-");
    private Traces? _traces;
    private readonly string _secret = NewSecret();
    private readonly string _hosterKey = ApiKey.Create(ApiKey.HosterPrefix);
    private string _database = "";

    public Cluster()
        : this(new ClusterShape())
    {
    }

    internal Cluster(ClusterShape shape)
    {
        _shape = shape;
        _spool = shape.SpoolFolder is { } spool ? new DirectoryInfo(spool) : Directory.CreateTempSubdirectory("computeshare-spool-");
        Redis = new RedisServer(shape.Clocks?.Redis);
        Postgres = new PostgresServer(shape.PostgresFolder, shape.Clocks?.Postgres);
    }

    internal RedisServer Redis { get; }

    internal PostgresServer Postgres { get; }

    /// <summary>As Npgsql takes it.</summary>
    internal string Database => _database;

    /// <summary>Their addresses, in the order of <see cref="Gateways"/>.</summary>
    internal IReadOnlyList<ChatClient> Clients { get; private set; } = [];

    internal IReadOnlyList<Replica> Gateways { get; private set; } = [];

    /// <summary>The gateways' internal ports, in the same order.</summary>
    internal IReadOnlyList<string> Internals { get; private set; } = [];

    internal IReadOnlyList<Replica> Schedulers { get; private set; } = [];

    internal IReadOnlyList<Replica> Billings { get; private set; } = [];

    /// <summary>Cheapest first: of two that are free the cheaper is taken, and the last one only where the others have failed.</summary>
    internal IReadOnlyList<Replica> Nodes { get; private set; } = [];

    internal Books Books { get; private set; } = null!;

    internal NodeStates States { get; private set; } = null!;

    internal Traces Traces => _traces ?? throw new InvalidOperationException("This cluster has no dashboard.");

    /// <summary>Arms fault points of all of its processes while they run.</summary>
    internal FaultTrigger Faults => new(_faults.FullName);

    internal string SpoolPath => _spool.FullName;

    internal string HosterKey => _hosterKey;

    private IEnumerable<Replica> All => [.. Billings, .. Schedulers, .. Gateways, .. Nodes];

    public async ValueTask InitializeAsync()
    {
        _database = await StartServersAsync();
        Describe(_database);
        Books = new Books(_database);
        States = new NodeStates(Redis.ConnectionString);
        await AdministerAsync("migrate");
        foreach (var group in All.Chunk(_shape.StartTogether))
        {
            Array.ForEach(group, replica => replica.Start());
            await Task.WhenAll(group.Select(replica => replica.WaitUntilHealthyAsync(CancellationToken.None)));
        }

        await BecomeWellAsync(CancellationToken.None);
    }

    /// <summary>
    /// Everything runs and answers: what an earlier test has broken is mended here. Only <paramref name="armed"/> have faults, and die
    /// of them if they must.
    /// </summary>
    internal async Task BecomeWellAsync(CancellationToken cancellationToken, params (Replica Replica, string Point, string Action)[] armed)
    {
        var before = (await States.ReadAsync()).ToDictionary(node => node.Id, node => node.Incarnation);
        var starting = All.Where(replica => !replica.IsRunning || replica.IsArmed || armed.Any(fault => fault.Replica == replica)).ToArray();
        foreach (var replica in starting)
        {
            await replica.KillAsync();
            replica.Start([.. armed.Where(fault => fault.Replica == replica).Select(fault => (fault.Point, fault.Action))]);
        }

        await Task.WhenAll(All.Select(replica => replica.WaitUntilHealthyAsync(cancellationToken)));
        await States.WaitForAsync(
            "every node offers all of its slots, and those started anew are known anew",
            states => states.Count == Nodes.Count && states.All(node => node is { Running: 0, Leased: 0, Draining: false }
                && !(starting.Any(replica => replica.Name == node.Id) && before.GetValueOrDefault(node.Id) == node.Incarnation)),
            WellLimit,
            cancellationToken);
        if (armed.Length == 0)
        {
            await Task.WhenAll(Clients.Select(client => WaitUntilServedAsync(client, cancellationToken)));
        }
    }

    internal static Task WaitUntilServedAsync(ChatClient client, CancellationToken cancellationToken) => Poll.UntilAsync(
        "a request is served", async () => (await client.CompleteAsync(1, cancellationToken)).Completed, WellLimit, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        // Each kind before those it needs.
        foreach (var kind in new[] { Nodes, Gateways, Schedulers, Billings })
        {
            await Task.WhenAll(kind.Select(replica => replica.DisposeAsync().AsTask()));
        }

        KeepOutput();
        foreach (var client in Clients)
        {
            client.Dispose();
        }

        if (_traces is not null)
        {
            await _traces.DisposeAsync();
        }

        // What did not start must not hide why.
        await (States?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Books?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Postgres.DisposeAsync();
        await Redis.DisposeAsync();
        if (_shape.SpoolFolder is null)
        {
            _spool.Delete(recursive: true);
        }

        _faults.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private static string NewSecret() => RandomNumberGenerator.GetHexString(48, lowercase: true);

    private async Task<string> StartServersAsync()
    {
        await Task.WhenAll(Redis.InitializeAsync().AsTask(), Postgres.InitializeAsync().AsTask());
        return await Postgres.CreateDatabaseAsync(CancellationToken.None);
    }

    /// <summary>Runs Billing's command line.</summary>
    /// <returns>What it printed.</returns>
    internal async Task<string> AdministerAsync(params string[] arguments)
    {
        var environment = Common();
        environment["ConnectionStrings__billing"] = _database;
        // Production has no demo accounts.
        environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        environment["Demo__ApiKey"] = _shape.Key;
        environment["Demo__HosterKey"] = _hosterKey;
        await using var command = LocalProcess.Start(
            "dotnet",
            [Repository.ServiceProgram("Billing"), .. arguments],
            environment.ToDictionary(variable => variable.Key, variable => (string?)variable.Value));
        await Poll.UntilAsync("the command ends", () => command.HasExited, CommandLimit, CancellationToken.None);
        await command.StopAsync();
        Assert.True(command.ExitCode == 0, command.Output);
        return command.Output;
    }

    /// <summary>A consumer's account with 100 dollars.</summary>
    /// <param name="limits">As <c>admin account limits</c> takes them.</param>
    /// <returns>A client of it at each gateway, which the caller disposes of.</returns>
    internal async Task<IReadOnlyList<ChatClient>> OpenAccountAsync(string name, params string[] limits)
    {
        await AdministerAsync("admin", "account", "create", name, "--kind", "consumer");
        await AdministerAsync("admin", "credit", name, "100", "--reference", name);
        if (limits.Length > 0)
        {
            await AdministerAsync(["admin", "account", "limits", name, .. limits]);
        }

        var key = KeyText().Match(await AdministerAsync("admin", "key", "create", name)).Value;
        return [.. Clients.Select(client => new ChatClient(client.Gateway, key))];
    }

    private void Describe(string database)
    {
        var ports = new Queue<int>(LoopbackPorts.TakeKept((2 * (1 + _shape.Processes)) + _shape.Gateways));
        _traces = _shape.IsTraced ? new Traces(ports.Dequeue(), ports.Dequeue()) : null;
        var redis = Named("redis", Redis.ConnectionString);
        var billings = Services("Billing", _shape.Billings, ClusterSettings.Billing(Named("postgres", database)).With(_shape.BillingSettings));
        var schedulers = Services("Scheduler", _shape.Schedulers, ClusterSettings.Scheduler(redis).With(_shape.SchedulerSettings));
        var gateways = Services(
            "Gateway",
            _shape.Gateways,
            ClusterSettings.Gateway(redis, SpoolPath, Addresses("billing", billings), Addresses("scheduler", schedulers)).With(_shape.GatewaySettings));
        var nodes = Enumerable.Range(1, _shape.Nodes).Select(number => Service(
            "HosterNode", number, ClusterSettings.Node(number, _hosterKey, Addresses("gateway", gateways)).With(_shape.NodeSettings(number)))).ToArray();
        Billings = [.. billings.Select(billing => billing.Replica)];
        Schedulers = [.. schedulers.Select(scheduler => scheduler.Replica)];
        Nodes = [.. nodes.Select(node => node.Replica)];
        Gateways = [.. gateways.Select(gateway => gateway.Replica)];
        Clients = [.. gateways.Select(gateway => new ChatClient(new Uri(Address(gateway)), _shape.Key))];

        (Replica Replica, int Port)[] Services(string project, int count, Dictionary<string, string> own) =>
            [.. Enumerable.Range(1, count).Select(number => Service(project, number, own))];

        (Replica Replica, int Port) Service(string project, int number, Dictionary<string, string> own)
        {
            var isGateway = project == "Gateway";
            var (main, health) = (ports.Dequeue(), ports.Dequeue());
            var environment = Common().With(Ports(isGateway ? "Public" : "Internal", main)).With(Ports("Health", health));
            if (isGateway)
            {
                var relay = ports.Dequeue();
                Internals = [.. Internals, Address(relay)];
                environment.With(Ports("Internal", relay));
            }

            var name = own.GetValueOrDefault("Node__Id") ?? ClusterSettings.Text($"{project}-{number}");
            environment.With(own).With(_traces?.Environment(name) ?? []).With(_shape.Clocks?.Services.Environment ?? new Dictionary<string, string>());
            return (new Replica(project, name, health, environment, [.. _shape.Names?.Command ?? [], .. isGateway ? Cores() : []]), main);
        }

        string[] Cores() => _shape.GatewayCores is { } cores ? ["taskset", "-c", cores] : [];

        string Named(string name, string address) => _shape.Names is null ? address : HostNames.In(name, address);

        IEnumerable<string> Addresses(string name, (Replica, int)[] services) => services.Select(service => Named(name, Address(service)));
    }

    private static IEnumerable<KeyValuePair<string, string>> Ports(string role, int port) =>
        [KeyValuePair.Create($"Ports__{role}", ClusterSettings.Text($"{port}"))];

    private static string Address((Replica Replica, int Port) service) => Address(service.Port);

    private static string Address(int port) => ClusterSettings.Text($"http://127.0.0.1:{port}");

    private Dictionary<string, string> Common()
    {
        var common = ClusterSettings.Common(_secret, _shape.IsProduction);
        // Production refuses faults.
        return _shape.IsProduction ? common : common.With([KeyValuePair.Create("Faults__Folder", _faults.FullName)]);
    }

    // A failed test of this folder is explained by what the processes said.
    private void KeepOutput()
    {
        var folder = Directory.CreateDirectory(Repository.PathOf("TestResults", "faults")).FullName;
        foreach (var replica in All)
        {
            File.WriteAllText(Path.Combine(folder, replica.Name + ".log"), replica.Output);
        }
    }

    [GeneratedRegex("ngk_[A-Za-z0-9_-]+")]
    private static partial Regex KeyText();
}
