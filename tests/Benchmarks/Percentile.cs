namespace ComputeShare.Benchmarks;

internal static class Percentile
{
    /// <param name="sorted">At least one, the least first.</param>
    /// <param name="part">Such as 0.99.</param>
    public static T Of<T>(IReadOnlyList<T> sorted, double part) => sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * part)];
}
