namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// What this Scheduler last heard of a node's taken slots, and how many usually are. It steers placement past full nodes; the lease script
/// alone decides. Safe for all threads; readings may come in any order, the one with the highest version stays.
/// </summary>
/// <param name="halfLife">Half of what is usual was so within this time.</param>
internal sealed class SlotView(TimeSpan halfLife)
{
    private volatile Reading _last = Nothing;

    private static Reading Nothing => new(0, 0, TimeSpan.Zero, 0, TimeSpan.Zero);

    public int Taken => _last.Taken;

    /// <summary>How many slots were taken on average, lately.</summary>
    public double UsuallyTaken(TimeSpan now) => UsuallyTaken(_last, now);

    /// <summary>
    /// The node may have this many free slots. A view of a full node holds until its first lease would end: leases that expire are
    /// announced by nobody.
    /// </summary>
    public bool MayHave(int slots, uint capacity, TimeSpan now)
    {
        var last = _last;
        return (long)last.Taken + slots <= capacity || now >= last.HoldsUntil;
    }

    /// <param name="taken">Taken slots.</param>
    /// <param name="version">Redis' clock when they were counted; 0 forgets what was known.</param>
    /// <param name="now">On the process' monotonic clock.</param>
    /// <param name="holdsUntil">When the first of the leases ends by itself, on this process' clock.</param>
    /// <returns>Whether fewer slots are taken than were known to be.</returns>
    public bool Hear(int taken, long version, TimeSpan now, TimeSpan holdsUntil)
    {
        while (true)
        {
            var last = _last;
            if (version < last.Version)
            {
                return false;
            }

            var reading = new Reading(taken, version, holdsUntil, UsuallyTaken(last, now), now);
            if (Interlocked.CompareExchange(ref _last, reading, last) == last)
            {
                return taken < last.Taken;
            }
        }
    }

    /// <summary>Announcements may have been missed: the next request asks the script.</summary>
    public void Forget() => _last = Nothing;

    // What was heard last counts as having been so ever since.
    private double UsuallyTaken(Reading last, TimeSpan now) =>
        last.Taken + ((last.UsuallyTaken - last.Taken) * Math.Pow(0.5, (now - last.At) / halfLife));

    private sealed record Reading(int Taken, long Version, TimeSpan HoldsUntil, double UsuallyTaken, TimeSpan At);
}
