namespace ComputeShare.Benchmarks.Starvation;

/// <summary>What the well-behaved key had of some of its requests.</summary>
/// <param name="P99">Of all answers.</param>
/// <param name="Streamed">p99 of those alone.</param>
/// <param name="Whole">p99 of those alone.</param>
internal sealed record Noticed(TimeSpan P99, TimeSpan Streamed, TimeSpan Whole, int Failed, int Count)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(100);

    /// <summary>Neither kind is slower than it was in quiet, but for 100 ms.</summary>
    public bool IsNear(Noticed quiet) => Streamed <= quiet.Streamed + Margin && Whole <= quiet.Whole + Margin;
}
