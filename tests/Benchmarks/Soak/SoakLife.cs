namespace ComputeShare.Benchmarks.Soak;

/// <summary>
/// One process from its start to its death, by its first and its last third. What it does in its first minute, or first fifth, is left
/// out: it compiles itself then, and fills what it keeps.
/// </summary>
internal sealed record SoakLife(string Process, TimeSpan Lived, SoakLife.Third First, SoakLife.Third Last)
{
    private const int LeastSamples = 12;
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromMinutes(1);

    /// <param name="Memory">Bytes; all are averages.</param>
    internal sealed record Third(double Memory, double Handles, double Threads);

    /// <summary>1: as much as at first.</summary>
    public double MemoryGrowth => Last.Memory / First.Memory;

    public double HandleGrowth => Last.Handles - First.Handles;

    public double ThreadGrowth => Last.Threads - First.Threads;

    /// <summary>Those that lived long enough to have two thirds, the longest first.</summary>
    public static IReadOnlyList<SoakLife> Of(IEnumerable<SoakSample> samples) =>
        [.. samples.GroupBy(sample => (sample.Process, sample.Footprint.ProcessId))
            .Select(life => Read(life.Key.Process, [.. life])).OfType<SoakLife>()
            .OrderByDescending(life => life.Lived).ThenBy(life => life.Process, StringComparer.Ordinal)];

    private static SoakLife? Read(string process, SoakSample[] samples)
    {
        var lived = samples[^1].At - samples[0].At;
        var warmUp = lived / 5 < LongestWarmUp ? lived / 5 : LongestWarmUp;
        var warm = samples.Where(sample => sample.At - samples[0].At >= warmUp).ToArray();
        return warm.Length < LeastSamples ? null : new SoakLife(process, lived, Average(warm[..(warm.Length / 3)]), Average(warm[^(warm.Length / 3)..]));
    }

    private static Third Average(SoakSample[] samples) => new(
        samples.Average(sample => sample.Footprint.ResidentBytes),
        samples.Average(sample => sample.Footprint.Handles),
        samples.Average(sample => sample.Footprint.Threads));
}
