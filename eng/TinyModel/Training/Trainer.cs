namespace ComputeShare.TinyModel.Training;

/// <summary>
/// Steps of AdamW over batches of samples. A step's batches run side by side, each with gradients of its own, which are added in order
/// of the batches: the same weights whatever the number of threads.
/// </summary>
internal sealed class Trainer
{
    private const float LeastRateShare = 0.05f;
    private const float MostNorm = 1;

    private readonly ParameterLayout _layout;
    private readonly AdamW _optimizer;
    private readonly (TrainingPass Pass, float[] Gradients)[] _lanes;
    private readonly float[] _transposed;
    private readonly TrainingPlan _plan;
    private int _step;

    public Trainer(ParameterLayout layout, float[] values, TrainingPlan plan)
    {
        _layout = layout;
        Values = values;
        _plan = plan;
        _optimizer = new AdamW(layout);
        _transposed = new float[layout.Count];
        _lanes = Enumerable.Range(0, plan.BatchesPerStep).Select(_ => (new TrainingPass(layout), new float[layout.Count])).ToArray();
    }

    public float[] Values { get; }

    /// <summary>One step; returns the mean loss per token before it.</summary>
    public double Step(IReadOnlyList<Batch> batches)
    {
        _layout.Transpose(Values, _transposed);
        var losses = new double[batches.Count];
        Parallel.For(0, batches.Count, lane =>
        {
            _lanes[lane].Gradients.AsSpan().Clear();
            losses[lane] = _lanes[lane].Pass.Run(batches[lane], Values, _transposed, _lanes[lane].Gradients);
        });
        var targets = batches.Sum(batch => batch.Targets.Count);
        var gradients = _lanes[0].Gradients;
        for (var lane = 1; lane < batches.Count; lane++)
        {
            Matrices.AddScaled(gradients, _lanes[lane].Gradients, 1);
        }

        // The mean over the targets, no longer than the limit.
        var norm = Math.Sqrt(gradients.Sum(value => (double)value * value)) / targets;
        var scale = (float)(Math.Min(1, MostNorm / norm) / targets);
        foreach (ref var value in gradients.AsSpan())
        {
            value *= scale;
        }

        _optimizer.Step(Values, gradients, Rate(_step++));
        return losses.Sum() / targets;
    }

    /// <summary>Rises in a line, then falls as a cosine.</summary>
    private float Rate(int step)
    {
        if (step < _plan.WarmUpSteps)
        {
            return _plan.Rate * (step + 1) / _plan.WarmUpSteps;
        }

        var done = (double)(step - _plan.WarmUpSteps) / Math.Max(1, _plan.Steps - _plan.WarmUpSteps);
        var share = LeastRateShare + ((1 - LeastRateShare) * 0.5 * (1 + Math.Cos(Math.PI * done)));
        return (float)(_plan.Rate * share);
    }
}

/// <param name="Steps">Of the whole training.</param>
/// <param name="BatchesPerStep">How many batches a step has.</param>
/// <param name="TokensPerBatch">A batch has at most this many tokens, or one longer sample.</param>
/// <param name="Rate">The highest learning rate.</param>
/// <param name="WarmUpSteps">Steps until it is reached.</param>
internal sealed record TrainingPlan(int Steps, int BatchesPerStep, int TokensPerBatch, float Rate, int WarmUpSteps);
