using System.Net;
using System.Net.Sockets;
using System.Text;
using ComputeShare.TestSupport.Processes;
using StackExchange.Redis;
using Testcontainers.Redis;

namespace ComputeShare.TestSupport.Servers;

/// <summary>
/// A real Redis of its own for the tests: a container where a runtime answers, else <c>redis-server</c>. A missing server fails the
/// tests. Its port stays the same over <see cref="StopAsync"/> and <see cref="RestartAsync"/>.
/// </summary>
public sealed class RedisServer : IAsyncLifetime
{
    private const string Image = "redis:7";
    private const int ContainerPort = 6379;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly int _port = LoopbackPorts.TakeFree();
    private readonly ProcessClock? _clock;
    private LocalProcess? _process;
    private RedisContainer? _container;

    public RedisServer()
    {
    }

    /// <param name="clock">Which the machine's own server then goes by, also where a container runtime answers; null: as everybody does.</param>
    internal RedisServer(ProcessClock? clock) => _clock = clock;

    /// <summary>For StackExchange.Redis; flushing is allowed.</summary>
    public string ConnectionString => $"127.0.0.1:{_port},allowAdmin=true,abortConnect=false,connectTimeout=2000";

    /// <summary>Null while it does not run, or runs in a container.</summary>
    public Footprint? Footprint => _process?.Footprint;

    public static async Task<RedisServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new RedisServer();
        await server.RestartAsync(cancellationToken);
        return server;
    }

    public async ValueTask InitializeAsync() => await RestartAsync(CancellationToken.None);

    /// <summary>Starts it; its data is as after a crash: gone.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        if (_clock is null && await ContainerRuntime.AnswersAsync())
        {
            _container = new RedisBuilder(Image).WithPortBinding(_port, ContainerPort).Build();
            await _container.StartAsync(cancellationToken);
        }
        else
        {
            _process = LocalProcess.Start(
                "redis-server",
                ["--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()],
                _clock?.Environment.ToDictionary(variable => variable.Key, variable => (string?)variable.Value));
            await _process.WaitForLineAsync(line => line.Contains("Ready to accept connections", StringComparison.Ordinal), StartLimit, cancellationToken);
        }
    }

    public async Task StopAsync()
    {
        if (_container is not null)
        {
            await _container.DisposeAsync();
            _container = null;
        }

        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }
    }

    public async Task FlushAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
        await connection.GetServer("127.0.0.1", _port).FlushAllDatabasesAsync();
    }

    /// <summary>A command of an administrator, such as <c>CLIENT PAUSE</c>; returns as soon as it is obeyed.</summary>
    // As one would by telnet: Redis' client takes its leave of a paused server, and so would wait for the end of the pause.
    internal async Task AdministerAsync(string command)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, _port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
        using var reader = new StreamReader(stream);
        Assert.Equal("+OK", await reader.ReadLineAsync());
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
