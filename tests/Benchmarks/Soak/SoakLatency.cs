namespace ComputeShare.Benchmarks.Soak;

/// <summary>Times to the first token of the streams that ended within one interval.</summary>
internal sealed record SoakLatency(DateTimeOffset At, TimeSpan P50, TimeSpan P99)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<SoakLatency> Of(IEnumerable<SoakAnswer> answers, DateTimeOffset start) =>
        [.. answers.Where(answer => answer.FirstToken is not null)
            .GroupBy(answer => (int)((answer.Ended - start) / Interval))
            .OrderBy(interval => interval.Key)
            .Select(interval => Of(start + (interval.Key * Interval), [.. interval.Select(answer => answer.FirstToken!.Value).Order()]))];

    /// <param name="part">Such as 0.99.</param>
    /// <param name="sorted">At least one.</param>
    public static TimeSpan Percentile(double part, IReadOnlyList<TimeSpan> sorted) => sorted[Math.Min((int)(sorted.Count * part), sorted.Count - 1)];

    private static SoakLatency Of(DateTimeOffset at, TimeSpan[] sorted) => new(at, Percentile(0.5, sorted), Percentile(0.99, sorted));
}
