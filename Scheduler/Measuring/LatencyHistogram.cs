namespace ComputeShare.Scheduler.Measuring;

/// <summary>
/// Recent durations by size, two classes per doubling from 10 ms on; older ones fade, so that about the last fifty count. Not thread-safe.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int Classes = 40;
    private const double SmallestMs = 10;
    private const float Fading = 0.98f;

    private readonly float[] _counts = new float[Classes];

    public void Add(double milliseconds)
    {
        for (var i = 0; i < Classes; i++)
        {
            _counts[i] *= Fading;
        }

        _counts[ClassOf(milliseconds)]++;
    }

    /// <summary>The upper end of the class in which the share lies; 0 without any.</summary>
    public double Percentile(double share)
    {
        var sum = 0.0;
        foreach (var count in _counts)
        {
            sum += count;
        }

        var left = sum * share;
        for (var i = 0; i < Classes; i++)
        {
            left -= _counts[i];
            if (left <= 0 && sum > 0)
            {
                return SmallestMs * Math.Pow(2, (i + 1) / 2.0);
            }
        }

        return 0;
    }

    private static int ClassOf(double milliseconds) =>
        milliseconds <= SmallestMs ? 0 : Math.Min(Classes - 1, (int)(Math.Log2(milliseconds / SmallestMs) * 2));
}
