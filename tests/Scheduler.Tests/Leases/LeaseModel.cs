namespace ComputeShare.Scheduler.Tests.Leases;

/// <summary>What the lease scripts promise of one node, in plain C#, on a clock of its own.</summary>
internal sealed class LeaseModel(long now, long life)
{
    private readonly Dictionary<string, (int Slots, long End)> _held = [];
    private readonly Dictionary<string, long> _released = [];

    public long Now { get; set; } = now;

    public int Taken => _held.Values.Where(lease => lease.End > Now).Sum(lease => lease.Slots);

    /// <summary>When the last lease ends; null when none is held.</summary>
    public long? LastEnd => Taken > 0 ? _held.Values.Max(lease => lease.End) : null;

    /// <summary>Granted, taken, milliseconds until the first lease ends.</summary>
    public long[] Acquire(string lease, int slots, int capacity)
    {
        var granted = TryHold(lease, slots, capacity);
        return [granted ? 1 : 0, Taken, FirstEnd];
    }

    /// <summary>Taken, milliseconds until the first lease ends.</summary>
    public long[] Release(IEnumerable<string> leases)
    {
        Sweep();
        foreach (var lease in leases)
        {
            _held.Remove(lease);
            _released[lease] = Now + life;
        }

        return [Taken, FirstEnd];
    }

    /// <summary>Taken, milliseconds until the first lease ends, then of each lease whether it is held.</summary>
    public long[] Renew(IEnumerable<(string Lease, int Slots)> leases, int capacity)
    {
        Sweep();
        var kept = leases.Select(entry =>
            (_held.ContainsKey(entry.Lease) || _released.GetValueOrDefault(entry.Lease) <= Now) && TryHold(entry.Lease, entry.Slots, capacity) ? 1L : 0).ToArray();
        return [Taken, FirstEnd, .. kept];
    }

    /// <summary>Redis lost everything.</summary>
    public void Flush()
    {
        _held.Clear();
        _released.Clear();
    }

    private long FirstEnd => Taken > 0 ? _held.Values.Min(lease => lease.End) - Now : 0;

    private bool TryHold(string lease, int slots, int capacity)
    {
        Sweep();
        if (!_held.ContainsKey(lease) && Taken + slots > capacity)
        {
            return false;
        }

        _held[lease] = (slots, Now + life);
        return true;
    }

    private void Sweep()
    {
        foreach (var (lease, _) in _held.Where(entry => entry.Value.End <= Now).ToArray())
        {
            _held.Remove(lease);
        }
    }
}
