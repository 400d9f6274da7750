using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace ComputeShare.Benchmarks.Scheduling;

/// <summary>The Scheduler's own two scripts, sent by StackExchange.Redis and nothing around it.</summary>
internal sealed class BareScripts : IAsyncDisposable
{
    // As many as a Scheduler chooses among.
    private const int Nodes = 16;
    private const int SlotsPerNode = 64;
    private const int LifeMs = 15_000;

    private readonly ConnectionMultiplexer _redis;
    private readonly byte[] _acquire;
    private readonly byte[] _release;
    private readonly byte[] _eval;
    private int _leases;

    private BareScripts(ConnectionMultiplexer redis, byte[] acquire, byte[] release, byte[] eval) =>
        (_redis, _acquire, _release, _eval) = (redis, acquire, release, eval);

    public static async Task<BareScripts> ConnectAsync(string address)
    {
        var redis = await ConnectionMultiplexer.ConnectAsync(address);
        return new BareScripts(
            redis,
            await LoadAsync(redis, Embedded("acquire-lease.lua")),
            await LoadAsync(redis, Embedded("release-leases.lua")),
            await LoadAsync(redis, "return 1"));
    }

    /// <summary>Takes and gives back leases.</summary>
    /// <returns>Scripts per second.</returns>
    public Task<double> LeaseAsync(TimeSpan time) => RunAsync(time, 2, async (database, number) =>
    {
        var lease = string.Create(CultureInfo.InvariantCulture, $"0198f0c2d1a37b3c9d2e4f50{number:x8}-1");
        var node = string.Create(CultureInfo.InvariantCulture, $"bare-{number % Nodes:D5}");
        RedisKey[] keys = [$"{{n:{node}}}:leases", $"{{n:{node}}}:released"];
        var taken = (long[])(await database.ScriptEvaluateAsync(_acquire, [keys[0]], [lease, 1, SlotsPerNode, LifeMs, "scheduler:slots", node]))!;
        if (taken[0] != 1)
        {
            throw new InvalidOperationException("A slot was not free.");
        }

        await database.ScriptEvaluateAsync(_release, keys, [SlotsPerNode, 8, LifeMs, "scheduler:slots", node, lease, 1]);
    });

    /// <returns>Scripts per second that do nothing.</returns>
    public Task<double> EvalAsync(TimeSpan time) => RunAsync(time, 1, (database, _) => database.ScriptEvaluateAsync(_eval, []));

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    private async Task<double> RunAsync(TimeSpan time, int scripts, Func<IDatabase, int, Task> run)
    {
        var database = _redis.GetDatabase();
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, SchedulingBenchmark.Depth).Select(async _ =>
        {
            var count = 0L;
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                await run(database, Interlocked.Increment(ref _leases));
                count += scripts;
            }

            return count;
        }));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static string Embedded(string name)
    {
        using var stream = typeof(SchedulerProgram).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

#pragma warning disable CA5350 // Redis names scripts by their SHA-1.
    private static async Task<byte[]> LoadAsync(ConnectionMultiplexer redis, string text)
    {
        var hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
        await redis.GetServers().Single().ScriptLoadAsync(text);
        return hash;
    }
#pragma warning restore CA5350
}
