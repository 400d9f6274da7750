using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.ServiceDefaults.Tests.Workers;

public sealed class PoolThreadsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Round_WhileMoreThreadsThanCoresAreBlocked_LeavesTheLimitsAsTheyWereAndThePoolGoesOn()
    {
        ThreadPool.GetMinThreads(out var least, out _);
        ThreadPool.GetMaxThreads(out var most, out var ports);
        using var end = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(least + 2);
        for (var i = 0; i < least + 2; i++)
        {
            ThreadPool.QueueUserWorkItem(_ =>
            {
                blocked.Signal();
                end.Wait(Token);
            });
        }

        try
        {
            // From a thread of its own: the pool has none to spare.
            await Task.Factory.StartNew(() => blocked.Wait(Token), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Assert.True(ThreadPool.ThreadCount > least);
            using var worker = new PoolThreads(new FakeTimeProvider(), NullLogger<PoolThreads>.Instance);
            await worker.RunOnceAsync(Token);

            ThreadPool.GetMaxThreads(out var mostAfter, out var portsAfter);
            Assert.Equal((most, ports), (mostAfter, portsAfter));
            await Task.Run(() => { }, Token);
        }
        finally
        {
            end.Set();
        }
    }
}
