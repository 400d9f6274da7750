using ComputeShare.HosterNode.Slots;

namespace ComputeShare.HosterNode.Control;

/// <summary>
/// Whether the node takes work, as its owner wants it: not while it is paused by hand or outside of its schedule, and never again once it
/// is to end. Safe for any thread.
/// </summary>
internal sealed class NodeControl
{
    private readonly Lock _lock = new();
    private readonly SlotTable _slots;
    private readonly OwnerFolder? _folder;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private Schedule _schedule;
    private bool _paused;
    private bool _ends;

    /// <param name="folder">Keeps the schedule; null: nothing is kept.</param>
    public NodeControl(SlotTable slots, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<NodeControl> log, OwnerFolder? folder = null)
    {
        (_slots, _folder, _lifetime, _clock, _log) = (slots, folder, lifetime, clock, log);
        _schedule = ReadSchedule(folder);
    }

    public Schedule Schedule
    {
        get
        {
            lock (_lock)
            {
                return _schedule;
            }
        }
    }

    public ControlState State
    {
        get
        {
            lock (_lock)
            {
                return _ends ? ControlState.Draining
                    : _paused ? ControlState.Paused
                    : _schedule.IsOpen(_clock.GetLocalNow()) ? ControlState.Open
                    : ControlState.OutsideSchedule;
            }
        }
    }

    /// <summary>The schedule that is kept in a folder, for whoever sets it while no node runs.</summary>
    /// <exception cref="ControlException">What is kept is none.</exception>
    public static Schedule ReadSchedule(OwnerFolder? folder) => Schedule.TryParse(folder?.Read(OwnerFolder.ScheduleFile) ?? "")
        ?? throw new ControlException($"{OwnerFolder.ScheduleFile} in {folder?.Path} must be {Schedule.Shape}.");

    public static void Keep(OwnerFolder folder, Schedule schedule) => folder.Write(OwnerFolder.ScheduleFile, schedule.ToString());

    /// <summary>Until <see cref="Resume"/>, or the next start of the node.</summary>
    public void Pause() => SetPaused(true);

    public void Resume() => SetPaused(false);

    public void Set(Schedule schedule)
    {
        lock (_lock)
        {
            _schedule = schedule;
            if (_folder is not null)
            {
                Keep(_folder, schedule);
            }
        }

        ControlLog.ScheduleSet(_log, schedule);
        Apply();
    }

    /// <summary>Nothing new any more; when what runs has ended, the process does.</summary>
    public void Drain()
    {
        lock (_lock)
        {
            if (_ends)
            {
                return;
            }

            _ends = true;
        }

        var running = _slots.Drain();
        HosterNodeLog.Draining(_log, running);
        _ = StopWhenDrainedAsync();
    }

    /// <summary>Makes the slots follow; asked at every change, and as time goes by.</summary>
    public void Apply()
    {
        var state = State;
        if (_slots.Pause(state != ControlState.Open))
        {
            ControlLog.Changed(_log, state);
        }
    }

    private void SetPaused(bool paused)
    {
        lock (_lock)
        {
            _paused = paused;
        }

        Apply();
    }

    private async Task StopWhenDrainedAsync()
    {
        while (true)
        {
            var changed = _slots.Changed;
            if (_slots.Read().LeaseIds.Count == 0)
            {
                _lifetime.StopApplication();
                return;
            }

            await changed;
        }
    }
}

internal enum ControlState
{
    /// <summary>It takes work.</summary>
    Open,

    /// <summary>Its owner says so.</summary>
    Paused,

    OutsideSchedule,

    /// <summary>It ends with what runs.</summary>
    Draining,
}
