namespace ComputeShare.Scheduler.Nodes;

/// <summary>Which of two readings is the older one, by Redis' clock in microseconds.</summary>
internal static class ReadingOrder
{
    // Readings overtake each other by milliseconds. What seems to be older by more is news from a clock that was set back, or from another
    // Redis: were it ignored, a Scheduler would know nothing new until that clock has caught up.
    private const long MostOvertaken = 60_000_000;

    public static bool IsOlder(long version, long than) => version < than && than - version <= MostOvertaken;
}
