using System.Globalization;
using System.Text.RegularExpressions;
using ComputeShare.TestSupport.Processes;
using Npgsql;

namespace ComputeShare.Benchmarks.Money;

/// <summary>PostgreSQL's own benchmark: three statements a transaction, none of which waits for another's row.</summary>
internal sealed partial class PgBench
{
    private const string Scale = "10";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _program;
    private readonly NpgsqlConnectionStringBuilder _database;

    private PgBench(string database)
    {
        _database = new NpgsqlConnectionStringBuilder(database);
        _program = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetFiles("/usr/lib/postgresql", "pgbench", SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault("pgbench")
            : "pgbench";
    }

    public static async Task<PgBench> PrepareAsync(string database)
    {
        var bench = new PgBench(database);
        await bench.RunAsync(["-i", "-q", "-s", Scale]);
        return bench;
    }

    /// <returns>Transactions per second.</returns>
    public async Task<double> RunAsync(TimeSpan time)
    {
        var output = await RunAsync(["-N", "-M", "prepared", "-c", "8", "-j", "2", "-T", time.TotalSeconds.ToString(CultureInfo.InvariantCulture)]);
        var tps = Tps().Match(output);
        return tps.Success
            ? double.Parse(tps.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench said no tps:\n{output}");
    }

    private async Task<string> RunAsync(string[] arguments)
    {
        await using var process = LocalProcess.Start(
            _program,
            ["-h", _database.Host!, "-p", _database.Port.ToString(CultureInfo.InvariantCulture), "-U", _database.Username!, .. arguments, _database.Database!],
            new Dictionary<string, string?> { ["PGPASSWORD"] = _database.Password });
        await Poll.UntilAsync("pgbench ends", () => process.HasExited, Limit, CancellationToken.None);
        await process.StopAsync();
        return process.ExitCode == 0 ? process.Output : throw new InvalidOperationException($"pgbench has failed:\n{process.Output}");
    }

    [GeneratedRegex(@"tps = ([0-9.]+) \(without")]
    private static partial Regex Tps();
}
