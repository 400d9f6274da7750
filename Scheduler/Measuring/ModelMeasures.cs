using ComputeShare.Contracts.Inference;

namespace ComputeShare.Scheduler.Measuring;

/// <summary>Averages of one model on one node. Not thread-safe: <see cref="NodeMeasures"/> guards it.</summary>
internal sealed class ModelMeasures(MeasuringOptions options)
{
    private const double SlowShare = 0.9;

    private readonly LatencyHistogram _latencies = new();
    private int _latencyCount;
    private int _speedCount;
    private double _ttftMs;
    private double _tokensPerSecond;
    private TimeSpan _at;

    public void Add(AttemptSample sample, TimeSpan now)
    {
        _at = now;
        if (sample.TtftMs > 0)
        {
            _latencies.Add(sample.TtftMs);
            _ttftMs = Moved(_ttftMs, sample.TtftMs, ++_latencyCount);
        }

        if (sample.TokensPerSecond > 0)
        {
            _tokensPerSecond = Moved(_tokensPerSecond, sample.TokensPerSecond, ++_speedCount);
        }
    }

    /// <param name="told">What the node says of itself: all there is before its first traffic, and what is left when that is long ago.</param>
    public Measure Read(MeasuredSpeed? told, double errorRate, TimeSpan now)
    {
        var fresh = Math.Pow(0.5, (now - _at) / options.HalfLife);
        return new Measure(
            Faded(_ttftMs, told?.TtftMs ?? 0, options.AssumedTtft.TotalMilliseconds, _latencyCount > 0, fresh),
            Faded(_latencies.Percentile(SlowShare), told?.TtftMs ?? 0, options.AssumedTtft.TotalMilliseconds, _latencyCount > 0, fresh),
            Faded(_tokensPerSecond, told?.TokensPerSecond ?? 0, options.AssumedTokensPerSecond, _speedCount > 0, fresh),
            errorRate);
    }

    private static double Faded(double measured, double told, double assumed, bool isMeasured, double fresh)
    {
        if (!isMeasured)
        {
            return told;
        }

        var otherwise = told > 0 ? told : assumed;
        return otherwise + ((measured - otherwise) * fresh);
    }

    private double Moved(double average, double newest, int count) =>
        average + ((newest - average) * Math.Max(options.NewestPercent / 100.0, 1.0 / count));
}
