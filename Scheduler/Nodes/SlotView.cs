namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// What this Scheduler last heard of a node's taken slots, and how many usually are. It steers placement past full nodes; the lease script
/// alone decides. Safe for all threads; readings may come in any order, the one with the highest version stays.
/// </summary>
/// <param name="halfLife">Half of what is usual was so within this time.</param>
// Of every node, told anew with each of its leases' renewals: readings that were objects would be most of what the collector has to trace.
internal sealed class SlotView(TimeSpan halfLife)
{
    private readonly Lock _lock = new();
    private volatile int _taken;
    private long _holdsUntilTicks;
    private long _version;
    private double _usuallyTaken;
    private TimeSpan _at;

    public int Taken => _taken;

    /// <summary>How many slots were taken on average, lately.</summary>
    public double UsuallyTaken(TimeSpan now)
    {
        lock (_lock)
        {
            return UsuallyTaken_NeedsLock(now);
        }
    }

    /// <summary>
    /// The node may have this many free slots. A view of a full node holds until its first lease would end: leases that expire are
    /// announced by nobody.
    /// </summary>
    // Half of one reading and half of the next does no harm: it costs a question to the script, or one decision that passes the node by.
    public bool MayHave(int slots, uint capacity, TimeSpan now) =>
        (long)_taken + slots <= capacity || now.Ticks >= Volatile.Read(ref _holdsUntilTicks);

    /// <param name="taken">Taken slots.</param>
    /// <param name="version">Redis' clock when they were counted; 0 forgets what was known.</param>
    /// <param name="now">On the process' monotonic clock.</param>
    /// <param name="holdsUntil">When the first of the leases ends by itself, on this process' clock.</param>
    /// <returns>Whether fewer slots are taken than were known to be.</returns>
    public bool Hear(int taken, long version, TimeSpan now, TimeSpan holdsUntil)
    {
        lock (_lock)
        {
            if (ReadingOrder.IsOlder(version, _version))
            {
                return false;
            }

            var isFewer = taken < _taken;
            Set_NeedsLock(taken, version, holdsUntil, UsuallyTaken_NeedsLock(now), now);
            return isFewer;
        }
    }

    /// <summary>Announcements may have been missed: the next request asks the script.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            Set_NeedsLock(0, 0, TimeSpan.Zero, 0, TimeSpan.Zero);
        }
    }

    // What was heard last counts as having been so ever since.
    private double UsuallyTaken_NeedsLock(TimeSpan now) =>
        _taken + ((_usuallyTaken - _taken) * Math.Pow(0.5, (now - _at) / halfLife));

    private void Set_NeedsLock(int taken, long version, TimeSpan holdsUntil, double usuallyTaken, TimeSpan at)
    {
        _taken = taken;
        Volatile.Write(ref _holdsUntilTicks, holdsUntil.Ticks);
        _version = version;
        _usuallyTaken = usuallyTaken;
        _at = at;
    }
}
