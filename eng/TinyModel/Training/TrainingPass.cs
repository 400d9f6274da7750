using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.TinyModel.Training;

/// <summary>
/// One batch forward and back through the llama architecture, by hand. Owns its buffers; one thread at a time. The gradients are
/// checked against finite differences by a test.
/// </summary>
internal sealed class TrainingPass
{
    private readonly ParameterLayout _layout;
    private readonly LlamaShape _shape;
    private readonly Rotation _rotation;
    private readonly Attention _attention;
    private readonly LayerActivations[] _layers;
    private float[] _residual = [];
    private float[] _gradient = [];
    private float[] _narrow = [];
    private float[] _narrowKey = [];
    private float[] _narrowValue = [];
    private float[] _query = [];
    private float[] _wide = [];
    private float[] _picked = [];
    private float[] _normed = [];
    private float[] _pickedGradient = [];
    private float[] _scales = [];
    private float[] _logits = [];

    public TrainingPass(ParameterLayout layout)
    {
        _layout = layout;
        _shape = layout.Shape;
        _rotation = new Rotation(_shape);
        _attention = new Attention(_shape);
        _layers = Enumerable.Range(0, _shape.BlockCount).Select(_ => new LayerActivations(_shape)).ToArray();
    }

    /// <summary>The sum of −log p over the batch's targets.</summary>
    /// <param name="batch">At least one target.</param>
    /// <param name="values">The weights.</param>
    /// <param name="transposed">The same, with every matrix transposed.</param>
    /// <param name="gradients">The gradients of the sum are added here; empty for the loss alone.</param>
    public double Run(Batch batch, ReadOnlySpan<float> values, ReadOnlySpan<float> transposed, Span<float> gradients)
    {
        Fit(batch);
        Embed(batch, values);
        for (var block = 0; block < _layers.Length; block++)
        {
            Forward(batch, _layout.Blocks[block], _layers[block], values);
        }

        var loss = Predict(batch, values);
        if (gradients.IsEmpty)
        {
            return loss;
        }

        PredictBack(batch, values, transposed, gradients);
        for (var block = _layers.Length - 1; block >= 0; block--)
        {
            Backward(batch, _layout.Blocks[block], _layers[block], values, transposed, gradients);
        }

        EmbedBack(batch, gradients);
        return loss;
    }

    private void Fit(Batch batch)
    {
        var tokens = batch.Tokens.Length;
        var weights = _attention.WeightsOf(batch.Segments);
        foreach (var layer in _layers)
        {
            layer.Fit(tokens, weights);
        }

        if (_residual.Length < tokens * _shape.EmbeddingLength)
        {
            (_residual, _gradient, _narrow, _query) = (Units(), Units(), Units(), Units());
            (_narrowKey, _narrowValue) = (new float[tokens * _shape.KeyValueLength], new float[tokens * _shape.KeyValueLength]);
            _wide = new float[tokens * _shape.FeedForwardLength];
            (_picked, _normed, _pickedGradient, _scales) = (Units(), Units(), Units(), new float[tokens]);
            _logits = new float[tokens * _shape.VocabularySize];
        }

        float[] Units() => new float[tokens * _shape.EmbeddingLength];
    }

    private void Embed(Batch batch, ReadOnlySpan<float> values)
    {
        var units = _shape.EmbeddingLength;
        var embedding = _layout.TokenEmbedding.Of(values);
        for (var row = 0; row < batch.Tokens.Length; row++)
        {
            embedding.Slice(batch.Tokens[row] * units, units).CopyTo(_residual.AsSpan(row * units));
        }
    }

    private void EmbedBack(Batch batch, Span<float> gradients)
    {
        var units = _shape.EmbeddingLength;
        var embedding = _layout.TokenEmbedding.Within(gradients);
        for (var row = 0; row < batch.Tokens.Length; row++)
        {
            Matrices.AddScaled(embedding.Slice(batch.Tokens[row] * units, units), _gradient.AsSpan(row * units, units), 1);
        }
    }

    private void Forward(Batch batch, BlockParameters block, LayerActivations layer, ReadOnlySpan<float> values)
    {
        var (tokens, units, keyValue, inner) = (batch.Tokens.Length, _shape.EmbeddingLength, _shape.KeyValueLength, _shape.FeedForwardLength);
        var residual = _residual.AsSpan(0, tokens * units);
        residual.CopyTo(layer.Input);
        Normalization.Forward(residual, block.AttentionNorm.Of(values), _shape.NormEpsilon, layer.AttentionNormed, layer.AttentionScales);
        Matrices.Multiply(layer.AttentionNormed, block.Query.Of(values), layer.Query, tokens, units, units);
        Matrices.Multiply(layer.AttentionNormed, block.Key.Of(values), layer.Key, tokens, units, keyValue);
        Matrices.Multiply(layer.AttentionNormed, block.Value.Of(values), layer.Value, tokens, units, keyValue);
        _rotation.Turn(layer.Query, units, batch.Segments);
        _rotation.Turn(layer.Key, keyValue, batch.Segments);
        layer.Attended.AsSpan(0, tokens * units).Clear();
        _attention.Forward(batch.Segments, layer.Query, layer.Key, layer.Value, layer.Weights, layer.Attended);
        Matrices.MultiplyAdd(layer.Attended, block.AttentionOutput.Of(values), residual, tokens, units, units);

        residual.CopyTo(layer.Middle);
        Normalization.Forward(residual, block.FeedForwardNorm.Of(values), _shape.NormEpsilon, layer.FeedForwardNormed, layer.FeedForwardScales);
        Matrices.Multiply(layer.FeedForwardNormed, block.Gate.Of(values), layer.Gate, tokens, units, inner);
        Matrices.Multiply(layer.FeedForwardNormed, block.Up.Of(values), layer.Up, tokens, units, inner);
        Activation.Forward(layer.Gate.AsSpan(0, tokens * inner), layer.Up, layer.Activated);
        Matrices.MultiplyAdd(layer.Activated, block.Down.Of(values), residual, tokens, inner, units);
    }

    /// <summary>Takes the gradient of the block's output in <see cref="_gradient"/>, leaves that of its input there.</summary>
    private void Backward(
        Batch batch, BlockParameters block, LayerActivations layer, ReadOnlySpan<float> values, ReadOnlySpan<float> transposed, Span<float> gradients)
    {
        var (tokens, units, keyValue, inner) = (batch.Tokens.Length, _shape.EmbeddingLength, _shape.KeyValueLength, _shape.FeedForwardLength);
        var gradient = _gradient.AsSpan(0, tokens * units);
        Matrices.MultiplyAddTransposed(layer.Activated, gradient, block.Down.Within(gradients), inner, tokens, units);
        Matrices.Multiply(gradient, block.Down.Of(transposed), _wide, tokens, units, inner);
        Activation.Backward(layer.Gate.AsSpan(0, tokens * inner), layer.Up, _wide);
        Matrices.MultiplyAddTransposed(layer.FeedForwardNormed, layer.Gate, block.Gate.Within(gradients), units, tokens, inner);
        Matrices.MultiplyAddTransposed(layer.FeedForwardNormed, layer.Up, block.Up.Within(gradients), units, tokens, inner);
        Matrices.Multiply(layer.Gate, block.Gate.Of(transposed), _narrow, tokens, inner, units);
        Matrices.MultiplyAdd(layer.Up, block.Up.Of(transposed), _narrow, tokens, inner, units);
        Normalization.Backward(layer.Middle.AsSpan(0, tokens * units), block.FeedForwardNorm.Of(values), layer.FeedForwardScales, _narrow, gradient, block.FeedForwardNorm.Within(gradients));

        Matrices.MultiplyAddTransposed(layer.Attended, gradient, block.AttentionOutput.Within(gradients), units, tokens, units);
        Matrices.Multiply(gradient, block.AttentionOutput.Of(transposed), _narrow, tokens, units, units);
        _query.AsSpan(0, tokens * units).Clear();
        _narrowKey.AsSpan(0, tokens * keyValue).Clear();
        _narrowValue.AsSpan(0, tokens * keyValue).Clear();
        _attention.Backward(batch.Segments, layer.Query, layer.Key, layer.Value, layer.Weights, _narrow, _query, _narrowKey, _narrowValue);
        _rotation.Turn(_query, units, batch.Segments, back: true);
        _rotation.Turn(_narrowKey, keyValue, batch.Segments, back: true);
        Matrices.MultiplyAddTransposed(layer.AttentionNormed, _query, block.Query.Within(gradients), units, tokens, units);
        Matrices.MultiplyAddTransposed(layer.AttentionNormed, _narrowKey, block.Key.Within(gradients), units, tokens, keyValue);
        Matrices.MultiplyAddTransposed(layer.AttentionNormed, _narrowValue, block.Value.Within(gradients), units, tokens, keyValue);
        Matrices.Multiply(_query, block.Query.Of(transposed), _narrow, tokens, units, units);
        Matrices.MultiplyAdd(_narrowKey, block.Key.Of(transposed), _narrow, tokens, keyValue, units);
        Matrices.MultiplyAdd(_narrowValue, block.Value.Of(transposed), _narrow, tokens, keyValue, units);
        Normalization.Backward(layer.Input.AsSpan(0, tokens * units), block.AttentionNorm.Of(values), layer.AttentionScales, _narrow, gradient, block.AttentionNorm.Within(gradients));
    }

    /// <summary>Only the rows that predict something; their logits become their own gradients.</summary>
    private double Predict(Batch batch, ReadOnlySpan<float> values)
    {
        var (units, vocabulary, rows) = (_shape.EmbeddingLength, _shape.VocabularySize, PickedRows(batch));
        var picked = _picked.AsSpan(0, rows * units);
        picked.Clear();
        for (var i = 0; i < batch.Targets.Count; i++)
        {
            _residual.AsSpan(batch.Targets[i].Row * units, units).CopyTo(picked[(i * units)..]);
        }

        Normalization.Forward(picked, _layout.OutputNorm.Of(values), _shape.NormEpsilon, _normed, _scales);
        Matrices.Multiply(_normed, _layout.Output.Of(values), _logits, rows, units, vocabulary);
        var loss = 0.0;
        for (var i = 0; i < rows; i++)
        {
            var chances = _logits.AsSpan(i * vocabulary, vocabulary);
            if (i >= batch.Targets.Count)
            {
                chances.Clear();
                continue;
            }

            Softmax.Forward(chances, vocabulary);
            ref var wanted = ref chances[batch.Targets[i].Token];
            loss -= Math.Log(Math.Max(wanted, 1e-30f));
            wanted -= 1;
        }

        return loss;
    }

    private void PredictBack(Batch batch, ReadOnlySpan<float> values, ReadOnlySpan<float> transposed, Span<float> gradients)
    {
        var (units, vocabulary, rows) = (_shape.EmbeddingLength, _shape.VocabularySize, PickedRows(batch));
        Matrices.MultiplyAddTransposed(_normed, _logits, _layout.Output.Within(gradients), units, rows, vocabulary);
        Matrices.Multiply(_logits, _layout.Output.Of(transposed), _narrow, rows, vocabulary, units);
        var picked = _pickedGradient.AsSpan(0, rows * units);
        picked.Clear();
        Normalization.Backward(_picked.AsSpan(0, rows * units), _layout.OutputNorm.Of(values), _scales, _narrow, picked, _layout.OutputNorm.Within(gradients));
        _gradient.AsSpan(0, batch.Tokens.Length * units).Clear();
        for (var i = 0; i < batch.Targets.Count; i++)
        {
            picked.Slice(i * units, units).CopyTo(_gradient.AsSpan(batch.Targets[i].Row * units));
        }
    }

    private static int PickedRows(Batch batch) => (batch.Targets.Count + Matrices.TileRows - 1) / Matrices.TileRows * Matrices.TileRows;
}
