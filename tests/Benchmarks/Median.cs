namespace ComputeShare.Benchmarks;

internal static class Median
{
    /// <summary>Of an odd number of rounds; one slow round of a busy machine does not move it.</summary>
    public static double Of(IEnumerable<double> rounds)
    {
        var sorted = rounds.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
