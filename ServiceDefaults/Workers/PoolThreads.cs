using Microsoft.Extensions.Logging;

namespace ComputeShare.ServiceDefaults.Workers;

/// <summary>
/// Brings the thread pool back to a thread per core. It takes one more for good whenever nothing moved for half a second, as in a start on a busy
/// core; what would take it away again, .NET's hill climbing, is off (Directory.Build.props). Two on one core wake each other for
/// every piece of work (docs/benchmarks/gateway.md).
/// </summary>
internal sealed class PoolThreads(TimeProvider clock, ILogger<PoolThreads> logger)
    : PeriodicWorker(TimeSpan.FromSeconds(5), clock, logger)
{
    public override Task RunOnceAsync(CancellationToken cancellationToken)
    {
        ThreadPool.GetMinThreads(out var least, out _);
        ThreadPool.GetMaxThreads(out var most, out var ports);
        ThreadPool.GetAvailableThreads(out var free, out _);

        // Where more are at work, one of them may be blocked, and without another the rest would wait until the pool notices.
        if (ThreadPool.ThreadCount > least && most - free <= least)
        {
            // A limit is the only thing that lowers how many the pool wants.
            ThreadPool.SetMaxThreads(least, ports);
            ThreadPool.SetMaxThreads(most, ports);
        }

        return Task.CompletedTask;
    }
}
