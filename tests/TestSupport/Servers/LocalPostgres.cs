using System.Globalization;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.TestSupport.Servers;

/// <summary>PostgreSQL from the machine's packages, in a temporary folder.</summary>
internal sealed class LocalPostgres : IAsyncDisposable
{
    private const string UserOfRoot = "postgres";
    private static readonly TimeSpan InitLimit = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private readonly bool _isOwnFolder;
    private readonly int _port;
    private readonly ProcessClock? _clock;
    private LocalProcess? _process;

    private LocalPostgres(string? folder, int port, ProcessClock? clock)
    {
        _clock = clock;
        _isOwnFolder = folder is null;
        _folder = folder ?? Directory.CreateTempSubdirectory("computeshare-postgres-").FullName;
        _port = port;
    }

    private string DataFolder => Path.Combine(_folder, "data");

    public bool HasExited => _process is not { HasExited: false };

    /// <param name="folder">For all that it writes, and not removed; null for a temporary one.</param>
    /// <param name="clock">Which it goes by; null: as everybody does.</param>
    public static async Task<LocalPostgres> CreateAsync(
        int port, string user, string password, string? folder, ProcessClock? clock, CancellationToken cancellationToken)
    {
        var server = new LocalPostgres(folder, port, clock);
        var passwordFile = Path.Combine(server._folder, "password");
        await File.WriteAllTextAsync(passwordFile, password, cancellationToken);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["-R", UserOfRoot, server._folder], cancellationToken);
        }

        // --no-sync: a test's data need not survive the machine; commits still reach the disk as in production.
        await RunAsync(
            Program("initdb"),
            ["-D", server.DataFolder, "-U", user, "--pwfile", passwordFile, "--auth", "scram-sha-256", "--no-sync", "--encoding", "UTF8", "--locale", "C"],
            cancellationToken,
            server._folder);
        return server;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = StartProgram(
            Program("postgres"),
            [
                "-D", DataFolder, "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
                .. await RecoversFasterAsync(cancellationToken) ? new[] { "-c", "recovery_init_sync_method=syncfs" } : [],
            ],
            _folder,
            _clock);
        await _process.WaitForLineAsync(
            line => line.Contains("ready to accept connections", StringComparison.Ordinal), InitLimit, cancellationToken);
    }

    public Task FreezeAsync() => _process!.FreezeAsync();

    public Task GoOnAsync() => _process!.GoOnAsync();

    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }
    }

    /// <summary>kill -9 of the server; its sessions end when they notice.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_isOwnFolder)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    // After a kill it would ask the disk for each of its thousand files; from version 14 on it can ask once.
    private async Task<bool> RecoversFasterAsync(CancellationToken cancellationToken) =>
        int.Parse(await File.ReadAllTextAsync(Path.Combine(DataFolder, "PG_VERSION"), cancellationToken), CultureInfo.InvariantCulture) >= 14;

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken, string? folder = null)
    {
        await using var process = folder is null ? LocalProcess.Start(program, arguments) : StartProgram(program, arguments, folder);
        await Poll.UntilAsync($"{program} ends", () => process.HasExited, InitLimit, cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with code {process.ExitCode}. Its output:\n{process.Output}");
        }
    }

    private static LocalProcess StartProgram(string program, string[] arguments, string folder, ProcessClock? clock = null)
    {
        // INT is PostgreSQL's fast shutdown; TERM would wait for its clients.
        var environment = new Dictionary<string, string?> { ["LIFELINE_SIGNAL"] = "INT", ["LC_ALL"] = "C" };
        foreach (var (name, value) in clock?.Environment ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }

        return Environment.IsPrivilegedProcess
            ? LocalProcess.Start(
                "setpriv",
                [$"--reuid={UserOfRoot}", $"--regid={UserOfRoot}", "--init-groups", program, .. arguments],
                environment,
                folder)
            : LocalProcess.Start(program, arguments, environment, folder);
    }

    // Debian keeps a server's programs out of PATH, a folder per version; the newest wins.
    private static string Program(string name) =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin", name))
                .FirstOrDefault(File.Exists, name)
            : name;
}
