using System.Collections.Concurrent;
using ComputeShare.Contracts.Inference;

namespace ComputeShare.HosterNode.Watching;

/// <summary>Time to the first token and tokens per second of one stream, per model, as a moving average of this node's own traffic.</summary>
internal sealed class MeasuredSpeeds
{
    // The newest measurement's share: ten requests make an old speed forgotten.
    private const float Share = 0.2f;

    private readonly ConcurrentDictionary<string, MeasuredSpeed> _speeds = new(StringComparer.Ordinal);

    public MeasuredSpeed Of(string model) => _speeds.GetValueOrDefault(model) ?? new MeasuredSpeed();

    /// <param name="model">The node's name of the model.</param>
    /// <param name="prefill">Up to the first token.</param>
    /// <param name="decode">From the first token to the last.</param>
    /// <param name="tokens">Tokens of one choice after its first.</param>
    public void Add(string model, TimeSpan prefill, TimeSpan decode, double tokens)
    {
        var measured = new MeasuredSpeed
        {
            TtftMs = (float)prefill.TotalMilliseconds,
            TokensPerSecond = decode > TimeSpan.Zero && tokens > 0 ? (float)(tokens / decode.TotalSeconds) : 0,
        };
        _speeds.AddOrUpdate(model, measured, (_, old) => new MeasuredSpeed
        {
            TtftMs = Average(old.TtftMs, measured.TtftMs),
            TokensPerSecond = Average(old.TokensPerSecond, measured.TokensPerSecond),
        });
    }

    private static float Average(float old, float measured) => (old, measured) switch
    {
        (_, 0) => old,
        (0, _) => measured,
        _ => old + (Share * (measured - old)),
    };
}
