using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Replicas;
using StackExchange.Redis;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>What is still taken when the last request has ended and the dead have been given their time.</summary>
/// <param name="Slots">Of nodes, by the Schedulers and by the nodes themselves.</param>
/// <param name="Requests">That still count against an account's limit of requests at once.</param>
/// <param name="Holds">In PostgreSQL.</param>
/// <param name="Settlements">On the gateways' disks.</param>
internal sealed record SoakLeftovers(long Slots, long Requests, long Holds, int Settlements)
{
    // An entry of a gateway that died lives for 30 s, a hold of one 10 s and what the reaper takes.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>0 when nothing is left over.</summary>
    public long Sum => Slots + Requests + Holds + Settlements;

    /// <summary>Waits until nothing is left, or the time is up.</summary>
    public static async Task<SoakLeftovers> ReadAsync(Cluster cluster)
    {
        SoakLeftovers? found = null;
        try
        {
            await Poll.UntilAsync("nothing is left over", async () => (found = await LookAsync(cluster)).Sum == 0, Limit, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // It is a finding.
        }

        return found!;
    }

    public static async Task<long> CountSlotsAsync(Cluster cluster) => (await cluster.States.ReadAsync()).Sum(node => node.Leased + node.Running);

    private static async Task<SoakLeftovers> LookAsync(Cluster cluster) => new(
        await CountSlotsAsync(cluster),
        await CountRunningAsync(cluster.Redis.ConnectionString),
        await cluster.Books.CountHoldsAsync(CancellationToken.None),
        Directory.EnumerateFiles(cluster.SpoolPath, "*.settle", SearchOption.AllDirectories).Count());

    private static async Task<long> CountRunningAsync(string connection)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(connection);
        var server = redis.GetServers()[0];
        var now = new DateTimeOffset(await server.TimeAsync(), TimeSpan.Zero).ToUnixTimeMilliseconds();
        var running = 0L;
        await foreach (var key in server.KeysAsync(pattern: "{a:*}:running"))
        {
            running += await redis.GetDatabase().SortedSetLengthAsync(key, now, double.PositiveInfinity);
        }

        return running;
    }
}
