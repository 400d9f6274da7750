using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ComputeShare.TestSupport.Processes;
using StackExchange.Redis;

namespace ComputeShare.TestSupport.Servers;

/// <summary>
/// A real Redis Cluster: three masters, <c>redis-server</c> processes of this machine, each with a third of the slots and no replica. A
/// master that is restarted keeps its slots and has lost its data, as after a crash.
/// </summary>
public sealed class RedisCluster : IAsyncLifetime
{
    private const int Slots = 16384;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("computeshare-redis-cluster-");
    private readonly int[] _ports = LoopbackPorts.TakeKept(2 * MasterCount);
    private readonly LocalProcess?[] _masters = new LocalProcess?[MasterCount];

    public const int MasterCount = 3;

    /// <summary>All masters, for StackExchange.Redis.</summary>
    public string ConnectionString => string.Join(',', Enumerable.Range(0, MasterCount).Select(Address)) + ",abortConnect=false,connectTimeout=2000";

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, MasterCount).Select(master => StartAsync(master, CancellationToken.None)));
        for (var master = 0; master < MasterCount; master++)
        {
            var (first, next) = (Slots * master / MasterCount, Slots * (master + 1) / MasterCount);
            await TellAsync(master, $"SET-CONFIG-EPOCH {master + 1}");
            await TellAsync(master, $"ADDSLOTSRANGE {first} {next - 1}");
        }

        for (var other = 1; other < MasterCount; other++)
        {
            await TellAsync(0, $"MEET 127.0.0.1 {Port(other)} {BusPort(other)}");
        }

        await WaitUntilWholeAsync(CancellationToken.None);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync(int master)
    {
        await _masters[master]!.KillAsync();
        await _masters[master]!.DisposeAsync();
        _masters[master] = null;
    }

    public async Task RestartAsync(int master, CancellationToken cancellationToken)
    {
        await StartAsync(master, cancellationToken);
        await WaitUntilWholeAsync(cancellationToken);
    }

    /// <summary>How many keys match, at each master.</summary>
    public async Task<int[]> CountKeysAsync(string pattern)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
        var counts = new int[MasterCount];
        for (var master = 0; master < MasterCount; master++)
        {
            counts[master] = await connection.GetServer("127.0.0.1", Port(master)).KeysAsync(pattern: pattern).CountAsync();
        }

        return counts;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var master in _masters)
        {
            await (master?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        _data.Delete(recursive: true);
    }

    private int Port(int master) => _ports[2 * master];

    private int BusPort(int master) => _ports[(2 * master) + 1];

    private string Address(int master) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port(master)}");

    private async Task StartAsync(int master, CancellationToken cancellationToken)
    {
        var folder = _data.CreateSubdirectory($"{Port(master)}").FullName;
        _masters[master] = LocalProcess.Start("redis-server",
        [
            "--port", $"{Port(master)}", "--cluster-port", $"{BusPort(master)}", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no",
            "--cluster-enabled", "yes", "--cluster-node-timeout", "2000",
        ]);
        await _masters[master]!.WaitForLineAsync(line => line.Contains("Ready to accept connections", StringComparison.Ordinal), Limit, cancellationToken);
    }

    private Task WaitUntilWholeAsync(CancellationToken cancellationToken) => Poll.UntilAsync("every master knows every slot", async () =>
    {
        var infos = await Task.WhenAll(Enumerable.Range(0, MasterCount).Select(master => TellAsync(master, "INFO")));
        return infos.All(info => info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains($"cluster_known_nodes:{MasterCount}\r", StringComparison.Ordinal));
    }, Limit, cancellationToken);

    // As one would by telnet: a client made for clusters looks for the others, which are not there yet.
    private async Task<string> TellAsync(int master, string command)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, Port(master));
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"CLUSTER {command}\r\nQUIT\r\n"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();
        return answer.StartsWith('-') ? throw new InvalidOperationException(answer) : answer;
    }
}
