using ComputeShare.HosterNode.Telemetry;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Slots;

/// <summary>
/// The node's slots. The node is the last authority over them: whatever leases say, no more choices run than there are slots. Safe for
/// any thread.
/// </summary>
internal sealed class SlotTable(IOptions<NodeOptions> options, HosterNodeTelemetry telemetry)
{
    private readonly Lock _lock = new();
    private readonly List<SlotUse> _uses = [];
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource _turned = NewSignal();
    private int _taken;
    private readonly int[] _limits = [.. Enum.GetValues<SlotLimit>().Select(_ => options.Value.Slots)];
    private bool _paused;
    private bool _draining;

    public int Total { get; } = options.Value.Slots;

    /// <summary>How many may be in use now, from 0 to <see cref="Total"/>: the least of what GPUs and owner leave.</summary>
    public int Offered
    {
        get
        {
            lock (_lock)
            {
                return _limits.Min();
            }
        }
    }

    /// <summary>Ends with the next change. Take it before reading what may change.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>
    /// Ends with the next change of more than what runs; while the node drains, with every change. Take it before reading what may change.
    /// </summary>
    public Task Turned
    {
        get
        {
            lock (_lock)
            {
                return _turned.Task;
            }
        }
    }

    /// <summary>Takes slots until the result is disposed; null when they are not free or the node is leaving.</summary>
    /// <param name="leaseId">Whose they are.</param>
    /// <param name="slots">How many.</param>
    /// <param name="most">The engine's own limit of slots in use, where it has one.</param>
    public SlotUse? TryTake(string leaseId, int slots, int? most)
    {
        lock (_lock)
        {
            var offered = _limits.Min();
            if (_draining || _paused || slots > Math.Min(offered, most ?? offered) - _taken)
            {
                return null;
            }

            var use = new SlotUse(leaseId, slots, Release);
            _uses.Add(use);
            _taken += slots;
            telemetry.SlotsActive.Add(slots);
            SignalUse_NeedsLock();
            return use;
        }
    }

    /// <summary>From now on so many may be in use, as far as this one says; what runs beyond them goes on.</summary>
    /// <returns>It said otherwise before.</returns>
    public bool Offer(SlotLimit by, int slots)
    {
        lock (_lock)
        {
            if (_limits[(int)by] == slots)
            {
                return false;
            }

            _limits[(int)by] = slots;
            SignalChange_NeedsLock();
            return true;
        }
    }

    /// <summary>While it is paused nothing new is taken; what runs goes on, and gateways go on watching.</summary>
    /// <returns>It was otherwise before.</returns>
    public bool Pause(bool paused)
    {
        lock (_lock)
        {
            if (_paused == paused)
            {
                return false;
            }

            _paused = paused;
            SignalChange_NeedsLock();
            return true;
        }
    }

    /// <summary>From now on nothing new is taken; what runs goes on. Returns how many requests that are.</summary>
    public int Drain()
    {
        lock (_lock)
        {
            _draining = true;
            SignalChange_NeedsLock();
            return _uses.Count;
        }
    }

    public SlotSnapshot Read()
    {
        lock (_lock)
        {
            return new(_draining, _paused, _taken, _uses.ConvertAll(use => use.LeaseId));
        }
    }

    /// <summary>Something else that the node's state tells has changed, such as what the engine offers.</summary>
    public void SignalChange()
    {
        lock (_lock)
        {
            SignalChange_NeedsLock();
        }
    }

    private void Release(SlotUse use)
    {
        lock (_lock)
        {
            if (_uses.Remove(use))
            {
                _taken -= use.Slots;
                telemetry.SlotsActive.Add(-use.Slots);
                SignalUse_NeedsLock();
            }
        }
    }

    private void SignalUse_NeedsLock()
    {
        Signal_NeedsLock(ref _changed);
        if (_draining)
        {
            Signal_NeedsLock(ref _turned);
        }
    }

    private void SignalChange_NeedsLock()
    {
        Signal_NeedsLock(ref _changed);
        Signal_NeedsLock(ref _turned);
    }

    private static void Signal_NeedsLock(ref TaskCompletionSource signal)
    {
        signal.SetResult();
        signal = NewSignal();
    }

    // Watchers run on threads of their own, never under the lock.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <param name="Draining">The node takes nothing new, and goes.</param>
/// <param name="Paused">It takes nothing new for now.</param>
/// <param name="Taken">Slots in use.</param>
/// <param name="LeaseIds">Leases of what runs.</param>
internal sealed record SlotSnapshot(bool Draining, bool Paused, int Taken, IReadOnlyList<string> LeaseIds);

/// <summary>Slots in use; disposing gives them back, once.</summary>
internal sealed class SlotUse(string leaseId, int slots, Action<SlotUse> release) : IDisposable
{
    public string LeaseId => leaseId;

    public int Slots => slots;

    public void Dispose() => release(this);
}
