namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// What this Scheduler last heard of a node's taken slots. It steers placement past full nodes; the lease script alone decides.
/// Safe for all threads; readings may come in any order, the one with the highest version stays.
/// </summary>
internal sealed class SlotView
{
    private volatile Reading _last = new(0, 0, TimeSpan.Zero);

    public int Taken => _last.Taken;

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
    /// <param name="holdsUntil">When the first of the leases ends by itself, on this process' clock.</param>
    /// <returns>Whether fewer slots are taken than were known to be.</returns>
    public bool Hear(int taken, long version, TimeSpan holdsUntil)
    {
        var reading = new Reading(taken, version, holdsUntil);
        while (true)
        {
            var last = _last;
            if (version < last.Version)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _last, reading, last) == last)
            {
                return taken < last.Taken;
            }
        }
    }

    /// <summary>Announcements may have been missed: the next request asks the script.</summary>
    public void Forget() => _last = new(0, 0, TimeSpan.Zero);

    private sealed record Reading(int Taken, long Version, TimeSpan HoldsUntil);
}
