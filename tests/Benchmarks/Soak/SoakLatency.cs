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

    private static SoakLatency Of(DateTimeOffset at, TimeSpan[] sorted) => new(at, Percentile.Of(sorted, 0.5), Percentile.Of(sorted, 0.99));
}
