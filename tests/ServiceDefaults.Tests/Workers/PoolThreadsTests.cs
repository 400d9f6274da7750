using System.Reflection;
using ComputeShare.ServiceDefaults.Workers;
using ComputeShare.TestSupport.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.ServiceDefaults.Tests.Workers;

public sealed class PoolThreadsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The runtime tells nobody how many threads it wants; with a new one this may have another name.
    private static int Wanted
    {
        get
        {
            const BindingFlags hidden = BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance;
            var pool = typeof(ThreadPool).Assembly.GetType("System.Threading.PortableThreadPool")!.GetField("ThreadPoolInstance", hidden)!.GetValue(null)!;
            var separated = pool.GetType().GetField("_separated", hidden)!.GetValue(pool)!;
            var counts = separated.GetType().GetField("counts", hidden)!.GetValue(separated)!;
            return Convert.ToInt32(counts.GetType().GetProperty("NumThreadsGoal", hidden)!.GetValue(counts), null);
        }
    }

    [Fact]
    public async Task Rounds_AfterMoreThreadsThanCoresWereBlocked_BringThePoolBackAndLeaveItsLimits()
    {
        ThreadPool.GetMinThreads(out var least, out _);
        ThreadPool.GetMaxThreads(out var most, out var ports);
        await BlockAsync(least + 2);
        Assert.True(Wanted > least);
        using var worker = new PoolThreads(new FakeTimeProvider(), NullLogger<PoolThreads>.Instance);

        // More than one round, since other tests are at work on the pool, too.
        await Poll.UntilAsync(
            "the pool wants a thread per core",
            async () =>
            {
                await worker.RunOnceAsync(Token);
                return Wanted == least;
            },
            Limit,
            Token);

        ThreadPool.GetMaxThreads(out var mostAfter, out var portsAfter);
        Assert.Equal((most, ports), (mostAfter, portsAfter));
    }

    /// <summary>Until so many are blocked at once, for which the pool must have taken on more.</summary>
    private static async Task BlockAsync(int threads)
    {
        using var all = new CountdownEvent(threads);
        var items = Enumerable.Range(0, threads).Select(_ => Task.Run(
            () =>
            {
                all.Signal();
                all.Wait(Token);
            },
            Token)).ToArray();
        await Task.WhenAll(items);
    }
}
