using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Measuring;

/// <summary>
/// Once a second the nodes that were measured take their new place in the index, and now and then those that were not: what was measured
/// of them fades.
/// </summary>
internal sealed class ScoreRefresher(NodeRegistry registry, Measurements measurements, TimeProvider clock) : BackgroundService
{
    private const int SecondsBetweenAll = 30;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        for (var second = 1; await timer.WaitForNextTickAsync(stoppingToken); second++)
        {
            var changed = measurements.TakeChanged();
            registry.Rescore(second % SecondsBetweenAll == 0 ? registry.Index.Nodes.Keys : changed);
        }
    }
}
