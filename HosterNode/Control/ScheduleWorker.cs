using ComputeShare.ServiceDefaults.Workers;

namespace ComputeShare.HosterNode.Control;

/// <summary>
/// Looks at the clock now and then instead of waiting for a window's end: a machine sleeps, its clock is set, summer time comes.
/// </summary>
internal sealed class ScheduleWorker(NodeControl control, TimeProvider clock, ILogger<ScheduleWorker> logger)
    : PeriodicWorker(Period, clock, logger)
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first gateway watches.
        control.Apply();
        return base.StartAsync(cancellationToken);
    }

    public override Task RunOnceAsync(CancellationToken cancellationToken)
    {
        control.Apply();
        return Task.CompletedTask;
    }
}
