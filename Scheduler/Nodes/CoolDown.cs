namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// What this Scheduler last heard of a node's failures. Safe for all threads; readings may come in any order, the one with the highest
/// version stays.
/// </summary>
internal sealed class CoolDown
{
    private volatile Reading _last = new(0, 0, TimeSpan.Zero);

    /// <summary>Failures in a row; 0 when there is nothing to forgive.</summary>
    public int Failures => _last.Failures;

    public bool IsOn(TimeSpan now) => now < _last.Until;

    /// <param name="failures">Failures in a row.</param>
    /// <param name="version">Redis' clock when they were counted.</param>
    /// <param name="until">When the node may be placed on again, on this process' clock.</param>
    public void Hear(int failures, long version, TimeSpan until)
    {
        var reading = new Reading(failures, version, until);
        Reading last;
        do
        {
            last = _last;
            if (ReadingOrder.IsOlder(version, last.Version))
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _last, reading, last) != last);
    }

    private sealed record Reading(int Failures, long Version, TimeSpan Until);
}
