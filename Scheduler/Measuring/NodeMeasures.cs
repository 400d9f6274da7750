using ComputeShare.Contracts.Inference;

namespace ComputeShare.Scheduler.Measuring;

/// <summary>What traffic showed of one node, from the reports of all Schedulers. Safe for all threads.</summary>
internal sealed class NodeMeasures(MeasuringOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ModelMeasures> _models = new(StringComparer.Ordinal);
    private double _errorRate;
    private TimeSpan _errorsAt;

    public void Add(AttemptSample sample, TimeSpan now)
    {
        lock (_lock)
        {
            if (sample.Failed is { } failed)
            {
                var rate = ErrorRate_NeedsLock(now);
                _errorRate = rate + (((failed ? 1 : 0) - rate) * options.NewestPercent / 100.0);
                _errorsAt = now;
            }

            if (!_models.TryGetValue(sample.Model, out var model))
            {
                _models.Add(sample.Model, model = new ModelMeasures(options));
            }

            model.Add(sample, now);
        }
    }

    public Measure Read(string modelId, MeasuredSpeed? told, TimeSpan now)
    {
        lock (_lock)
        {
            return _models.TryGetValue(modelId, out var model)
                ? model.Read(told, ErrorRate_NeedsLock(now), now)
                : new Measure(ModelMeasures.Claim(told?.TtftMs), 0, ModelMeasures.Claim(told?.TokensPerSecond), ErrorRate_NeedsLock(now));
        }
    }

    private double ErrorRate_NeedsLock(TimeSpan now) => _errorRate * Math.Pow(0.5, (now - _errorsAt) / options.HalfLife);
}
