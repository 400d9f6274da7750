using ComputeShare.TestSupport.Processes;
using Npgsql;
using Testcontainers.PostgreSql;

namespace ComputeShare.TestSupport.Servers;

/// <summary>
/// A real PostgreSQL of its own for the tests: a container where a runtime answers, else the machine's server, under another user when
/// the tests run as root (PostgreSQL refuses root). Its port and data stay the same over <see cref="StopAsync"/> and
/// <see cref="RestartAsync"/>.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Image = "postgres:15";
    private const int ContainerPort = 5432;
    private const string User = "computeshare";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly int _port = LoopbackPorts.TakeFree();
    private readonly string _password = Guid.CreateVersion7().ToString("N");
    private readonly string? _folder;
    private readonly ProcessClock? _clock;
    private LocalPostgres? _local;
    private PostgreSqlContainer? _container;
    private int _databases;

    public PostgresServer()
    {
    }

    /// <summary>The machine's own server, also where a container runtime answers, unless both are null.</summary>
    /// <param name="folder">Where it keeps its data.</param>
    /// <param name="clock">Which it goes by.</param>
    internal PostgresServer(string? folder, ProcessClock? clock) => (_folder, _clock) = (folder, clock);

    // Unpooled: a connection from before a restart would be handed out once more.
    private string AdminConnectionString => ConnectionStringFor("postgres") + ";Pooling=false";

    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new PostgresServer();
        await server.InitializeAsync(cancellationToken);
        return server;
    }

    public async ValueTask InitializeAsync() => await InitializeAsync(CancellationToken.None);

    /// <summary>A new, empty database; its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(AdminConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync(cancellationToken);
        return ConnectionStringFor(name);
    }

    /// <summary>A fast shutdown: connections break, what was committed stays.</summary>
    public async Task StopAsync()
    {
        if (_container is not null)
        {
            await _container.StopAsync();
        }

        if (_local is not null)
        {
            await _local.StopAsync();
        }
    }

    /// <summary>kill -9: what was not on disk is lost, and the next start recovers.</summary>
    public async Task KillAsync()
    {
        if (_container is not null)
        {
            // From within, the first process of a container cannot be killed.
            await using var kill = LocalProcess.Start("docker", ["kill", _container.Id]);
            await Poll.UntilAsync("docker kill ends", () => kill.HasExited, StartLimit, CancellationToken.None);
        }
        else
        {
            await _local!.KillAsync();
        }
    }

    /// <summary>It has ended by itself.</summary>
    internal bool HasExited => _local is { HasExited: true };

    /// <summary>It stays there and answers nothing, until <see cref="GoOnAsync"/>.</summary>
    internal Task FreezeAsync() => _container is not null ? _container.PauseAsync() : _local!.FreezeAsync();

    internal Task GoOnAsync() => _container is not null ? _container.UnpauseAsync() : _local!.GoOnAsync();

    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        if (_container is not null)
        {
            await _container.StartAsync(cancellationToken);
        }
        else
        {
            await _local!.StartAsync(cancellationToken);
        }

        await WaitUntilReadyAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
        {
            await _container.DisposeAsync();
        }

        if (_local is not null)
        {
            await _local.DisposeAsync();
        }
    }

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        if (_folder is null && _clock is null && await ContainerRuntime.AnswersAsync())
        {
            _container = new PostgreSqlBuilder(Image)
                .WithUsername(User)
                .WithPassword(_password)
                .WithPortBinding(_port, ContainerPort)
                .Build();
            await _container.StartAsync(cancellationToken);
        }
        else
        {
            _local = await LocalPostgres.CreateAsync(_port, User, _password, _folder, _clock, cancellationToken);
            await _local.StartAsync(cancellationToken);
        }

        await WaitUntilReadyAsync(cancellationToken);
    }

    private Task WaitUntilReadyAsync(CancellationToken cancellationToken) => Poll.UntilAsync(
        "PostgreSQL accepts connections",
        async () =>
        {
            try
            {
                await using var connection = new NpgsqlConnection(AdminConnectionString);
                await connection.OpenAsync(cancellationToken);
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        },
        StartLimit,
        cancellationToken);

    private string ConnectionStringFor(string database) =>
        $"Host=127.0.0.1;Port={_port};Username={User};Password={_password};Database={database};Timeout=5;Include Error Detail=false";
}
