using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.TinyModel.Training;

/// <summary>
/// Causal attention within each segment; several query heads share a key/value head. A segment's head is a few small products over
/// squares of positions, of which the upper half is zero. Those squares, the weights, are kept for the way back. Not for several threads.
/// </summary>
internal sealed class Attention(LlamaShape shape)
{
    private readonly int _width = shape.HeadLength;
    private readonly int _share = shape.HeadCount / shape.KeyValueHeadCount;
    private readonly float _scale = 1 / MathF.Sqrt(shape.HeadLength);
    private float[] _query = [];
    private float[] _key = [];
    private float[] _value = [];
    private float[] _result = [];
    private float[] _turned = [];
    private float[] _pulls = [];

    /// <summary>How many weights the segments need.</summary>
    public int WeightsOf(IReadOnlyList<int> segments) => segments.Sum(length => Side(length) * Side(length)) * shape.HeadCount;

    public void Forward(IReadOnlyList<int> segments, ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, Span<float> weights, Span<float> result)
    {
        var first = 0;
        foreach (var length in segments)
        {
            var side = Side(length);
            Fit(side);
            for (var head = 0; head < shape.HeadCount; head++)
            {
                Gather(query, first, length, head, shape.EmbeddingLength, _query);
                Gather(key, first, length, head / _share, shape.KeyValueLength, _key);
                Gather(value, first, length, head / _share, shape.KeyValueLength, _value);
                Matrices.Transpose(_key, _turned, side, _width);
                Matrices.Multiply(_query, _turned, weights, side, _width, side);
                for (var row = 0; row < side; row++)
                {
                    Softmax.Forward(weights.Slice(row * side, side), Math.Min(row, length - 1) + 1, _scale);
                }

                Matrices.Multiply(weights, _value, _result, side, side, _width);
                Scatter(_result, result, first, length, head, shape.EmbeddingLength);
                weights = weights[(side * side)..];
            }

            first += length;
        }
    }

    /// <summary>Adds to the three gradients, which begin as zeros.</summary>
    public void Backward(
        IReadOnlyList<int> segments, ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, ReadOnlySpan<float> weights,
        ReadOnlySpan<float> dResult, Span<float> dQuery, Span<float> dKey, Span<float> dValue)
    {
        var first = 0;
        foreach (var length in segments)
        {
            var side = Side(length);
            Fit(side);
            for (var head = 0; head < shape.HeadCount; head++)
            {
                var shared = head / _share;
                Gather(query, first, length, head, shape.EmbeddingLength, _query);
                Gather(key, first, length, shared, shape.KeyValueLength, _key);
                Gather(value, first, length, shared, shape.KeyValueLength, _value);
                Gather(dResult, first, length, head, shape.EmbeddingLength, _result);
                Matrices.Transpose(_value, _turned, side, _width);
                Matrices.Multiply(_result, _turned, _pulls, side, _width, side);
                for (var row = 0; row < side; row++)
                {
                    Softmax.Backward(weights.Slice(row * side, side), _pulls.AsSpan(row * side, side), _scale);
                }

                var gradient = _value.AsSpan(0, side * _width);
                gradient.Clear();
                Matrices.MultiplyAddTransposed(weights, _result, gradient, side, side, _width);
                Scatter(gradient, dValue, first, length, shared, shape.KeyValueLength);
                gradient.Clear();
                Matrices.MultiplyAddTransposed(_pulls, _query, gradient, side, side, _width);
                Scatter(gradient, dKey, first, length, shared, shape.KeyValueLength);
                Matrices.Multiply(_pulls, _key, gradient, side, side, _width);
                Scatter(gradient, dQuery, first, length, head, shape.EmbeddingLength);
                weights = weights[(side * side)..];
            }

            first += length;
        }
    }

    // Whole vectors, and whole tiles.
    private static int Side(int length) => (length + Matrices.Lanes - 1) / Matrices.Lanes * Matrices.Lanes;

    private void Fit(int side)
    {
        if (_pulls.Length < side * side)
        {
            (_query, _key, _value, _result, _turned) = (Rows(), Rows(), Rows(), Rows(), Rows());
            _pulls = new float[side * side];
        }

        float[] Rows() => new float[side * _width];
    }

    /// <summary>One head's columns of a segment, and rows of zeros up to the side.</summary>
    private void Gather(ReadOnlySpan<float> rows, int first, int length, int head, int stride, Span<float> result)
    {
        for (var row = 0; row < length; row++)
        {
            rows.Slice(((first + row) * stride) + (head * _width), _width).CopyTo(result[(row * _width)..]);
        }

        result[(length * _width)..(Side(length) * _width)].Clear();
    }

    private void Scatter(ReadOnlySpan<float> from, Span<float> rows, int first, int length, int head, int stride)
    {
        for (var row = 0; row < length; row++)
        {
            Matrices.AddScaled(rows.Slice(((first + row) * stride) + (head * _width), _width), from.Slice(row * _width, _width), 1);
        }
    }
}
