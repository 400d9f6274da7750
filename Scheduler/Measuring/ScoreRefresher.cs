using ComputeShare.Scheduler.Nodes;
using ComputeShare.ServiceDefaults.Workers;

namespace ComputeShare.Scheduler.Measuring;

/// <summary>
/// Once a second the nodes that were measured take their new place in the index, and now and then those that were not: what was measured
/// of them fades.
/// </summary>
internal sealed class ScoreRefresher(NodeRegistry registry, Measurements measurements, TimeProvider clock, ILogger<ScoreRefresher> logger)
    : PeriodicWorker(TimeSpan.FromSeconds(1), clock, logger)
{
    private const int RoundsBetweenAll = 30;

    private int _rounds;

    public override Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var changed = measurements.TakeChanged();
        registry.Rescore(++_rounds % RoundsBetweenAll == 0 ? registry.Index.Nodes.Keys : changed);
        return Task.CompletedTask;
    }
}
