using ComputeShare.Scheduler.Leases;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Scheduler.Tests.Leases;

/// <summary>Several clients take, renew, release and forget at once; the seed is in the test's name.</summary>
[Trait("Category", "Integration")]
public sealed class LeaseRaceTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private const int Capacity = 6;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task Scripts_SeveralClientsAtOnce_NeverExceedTheSlotsAndLoseNone(int seed)
    {
        var node = $"race-{seed}";
        await using var watcher = new LeaseClient(redis.ConnectionString, Long);
        using var done = new CancellationTokenSource();
        var watching = WatchAsync(watcher, node, done.Token);

        // Half of them let leases expire; the two lives differ, so that both ends of the key's life are met.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => UseAsync(node, new Random((seed * 100) + i), TimeSpan.FromMilliseconds(i % 2 == 0 ? 50 : 120))));
        await done.CancelAsync();
        Assert.InRange(await watching, 1, Capacity);

        // What was left behind ends by itself, and then every slot is there again.
        var all = Enumerable.Range(0, Capacity).Select(_ => LeaseClient.NewLease()).ToArray();
        await Poll.UntilAsync("all leases are over", async () => await watcher.MembersAsync(node) == 0, TimeSpan.FromSeconds(10), Token);
        foreach (var lease in all)
        {
            Assert.True(await watcher.Store.TryAcquireAsync(lease, node, Capacity));
        }

        Assert.False(await watcher.Store.TryAcquireAsync(LeaseClient.NewLease(), node, Capacity));
    }

    private async Task UseAsync(string node, Random random, TimeSpan life)
    {
        await using var client = new LeaseClient(redis.ConnectionString, life);
        client.Know(node, Capacity);
        var mine = new List<LeaseId>();
        for (var step = 0; step < 300; step++)
        {
            switch (random.Next(4))
            {
                case 0 or 1:
                    var lease = LeaseClient.NewLease(random.Next(1, 4));
                    if (await client.Store.TryAcquireAsync(lease, node, Capacity))
                    {
                        mine.Add(lease);
                    }

                    break;
                case 2 when mine.Count > 0:
                    var lost = await client.Store.RenewAsync(mine.Select(entry => (entry, node)));
                    mine.RemoveAll(lost.Contains);
                    break;
                default:
                    if (mine.Count > 0)
                    {
                        await client.Store.ReleaseAsync(mine[^1], node);
                        mine.RemoveAt(mine.Count - 1);
                    }

                    break;
            }
        }
    }

    private static async Task<long> WatchAsync(LeaseClient client, string node, CancellationToken until)
    {
        var most = 0L;
        while (!until.IsCancellationRequested)
        {
            most = Math.Max(most, await client.MembersAsync(node));
        }

        return most;
    }
}
