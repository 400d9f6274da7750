using ComputeShare.Contracts.Inference;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Placement;

/// <summary>
/// What an offer is worth whoever asks: what the indexes are sorted by. In points, more is better. Logarithms make a doubling count the
/// same everywhere, so that offers are compared without knowing the market.
/// </summary>
internal sealed class StaticScores(IOptions<ScoreOptions> options, IOptions<MeasuringOptions> measuring)
{
    // What readers of a stream no longer notice.
    private const double SwiftTtftMs = 100;
    private const double SlowTokensPerSecond = 5;

    private readonly ScoreOptions _weights = options.Value;

    public double Sum(Prices prices, Measure measure, Verdicts verdicts) =>
        Price(prices) + Ttft(measure) + Throughput(measure) + Errors(measure) + Load(measure.UsualLoad) + Counts(verdicts.Counts) + Probes(verdicts.Probes);

    public double Price(Prices prices) => -_weights.PricePerDoubling * Math.Log2(1 + (Mixed(prices) / _weights.PriceFloor));

    public double Ttft(Measure measure)
    {
        var average = measure.TtftMs > 0 ? measure.TtftMs : measuring.Value.AssumedTtft.TotalMilliseconds;
        var slow = measure.SlowTtftMs > 0 ? measure.SlowTtftMs : average;
        return -_weights.TtftPerDoubling * (Math.Log2(1 + (average / SwiftTtftMs)) + Math.Log2(1 + (slow / SwiftTtftMs))) / 2;
    }

    public double Throughput(Measure measure)
    {
        var speed = measure.TokensPerSecond > 0 ? measure.TokensPerSecond : measuring.Value.AssumedTokensPerSecond;
        return _weights.ThroughputPerDoubling * Math.Log2(1 + (speed / SlowTokensPerSecond));
    }

    /// <param name="found">How often in a row the node's own token counts were found too high.</param>
    public double Counts(uint found) => -(double)_weights.Counts * found;

    /// <param name="found">How often in a row probes were against the node.</param>
    public double Probes(uint found) => -(double)_weights.Probes * found;

    /// <param name="load">0 to 1.</param>
    public double Load(double load) => -_weights.Load * load;

    public double Errors(Measure measure) => -_weights.Errors * measure.ErrorRate;

    /// <summary>Nano-dollars of a million tokens, three of the prompt for one of the answer: the mix of ordinary chat.</summary>
    public static double Mixed(Prices prices) => ((3.0 * prices.Input) + prices.Output) / 4;
}
