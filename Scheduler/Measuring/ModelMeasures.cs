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

    /// <param name="told">What the node says of itself: all there is before its first traffic.</param>
    public Measure Read(MeasuredSpeed? told, double errorRate, TimeSpan now)
    {
        var fresh = Math.Pow(0.5, (now - _at) / options.HalfLife);
        var ttft = Claim(told?.TtftMs);
        return new Measure(
            Ttft(_ttftMs, ttft, fresh),
            Ttft(_latencies.Percentile(SlowShare), ttft, fresh),
            Speed(Claim(told?.TokensPerSecond), fresh),
            errorRate);
    }

    /// <returns>What a node says of its speed; 0, as when it says nothing, where no order could hold it.</returns>
    public static double Claim(float? told) => told is { } claim && float.IsFinite(claim) && claim > 0 ? claim : 0;

    // What was measured long ago fades to the node's own word, which from the first traffic on makes it no better than a node that says
    // nothing, or than it was: a lie would win the next request again and again.
    private double Ttft(double measured, double told, double fresh)
    {
        var assumed = options.AssumedTtft.TotalMilliseconds;
        return _latencyCount == 0 ? told : Faded(measured, told > 0 ? Math.Max(told, Math.Min(measured, assumed)) : assumed, fresh);
    }

    private double Speed(double told, double fresh)
    {
        double assumed = options.AssumedTokensPerSecond;
        return _speedCount == 0 ? told : Faded(_tokensPerSecond, told > 0 ? Math.Min(told, Math.Max(_tokensPerSecond, assumed)) : assumed, fresh);
    }

    private static double Faded(double measured, double otherwise, double fresh) => otherwise + ((measured - otherwise) * fresh);

    private double Moved(double average, double newest, int count) =>
        average + ((newest - average) * Math.Max(options.NewestPercent / 100.0, 1.0 / count));
}
