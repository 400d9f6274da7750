namespace ComputeShare.HosterNode.Reporting;

/// <summary>What this start of the node has served. Safe for any thread.</summary>
internal sealed class NodeTraffic(TimeProvider clock)
{
    // Long enough that a stream's pauses do not show, short enough that its end does.
    private const int WindowSeconds = 10;

    private readonly Lock _lock = new();
    private readonly long _started = clock.GetTimestamp();
    private readonly (long Second, long Tokens)[] _window = new (long, long)[WindowSeconds];
    private long _finished;
    private long _failed;
    private long _tokens;

    public void TokensCame(long tokens)
    {
        var second = Second();
        lock (_lock)
        {
            _tokens += tokens;
            ref var slot = ref _window[second % WindowSeconds];
            slot = slot.Second == second ? (second, slot.Tokens + tokens) : (second, tokens);
        }
    }

    /// <param name="finished">It came to its end; otherwise it failed or its caller left.</param>
    public void RequestEnded(bool finished)
    {
        lock (_lock)
        {
            _ = finished ? _finished++ : _failed++;
        }
    }

    public TrafficFigures Read()
    {
        var uptime = clock.GetElapsedTime(_started);
        var second = Second();
        lock (_lock)
        {
            var recent = _window.Where(slot => slot.Second > second - WindowSeconds).Sum(slot => slot.Tokens);
            return new TrafficFigures(uptime, _finished, _failed, _tokens, recent / Math.Clamp(uptime.TotalSeconds, 1, WindowSeconds));
        }
    }

    private long Second() => (long)clock.GetElapsedTime(_started).TotalSeconds;
}

/// <param name="Uptime">Of the node's process.</param>
/// <param name="Finished">Requests that came to their end.</param>
/// <param name="Failed">Requests that failed, or whose callers left.</param>
/// <param name="Tokens">Tokens generated.</param>
/// <param name="TokensPerSecond">All requests together, over the last seconds.</param>
internal sealed record TrafficFigures(TimeSpan Uptime, long Finished, long Failed, long Tokens, double TokensPerSecond);
