namespace ComputeShare.TinyModel.Training;

/// <summary>RMSNorm: y = x · s · w with s = 1/√(mean(x²) + ε), row by row.</summary>
internal static class Normalization
{
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> weights, float epsilon, Span<float> result, Span<float> scales)
    {
        var width = weights.Length;
        for (var row = 0; row * width < x.Length; row++)
        {
            var from = x.Slice(row * width, width);
            var scale = 1 / MathF.Sqrt((Matrices.Dot(from, from) / width) + epsilon);
            var to = result.Slice(row * width, width);
            scales[row] = scale;
            for (var i = 0; i < width; i++)
            {
                to[i] = from[i] * scale * weights[i];
            }
        }
    }

    /// <summary>Adds to <paramref name="dx"/> and <paramref name="dWeights"/>.</summary>
    public static void Backward(
        ReadOnlySpan<float> x, ReadOnlySpan<float> weights, ReadOnlySpan<float> scales, ReadOnlySpan<float> dy, Span<float> dx, Span<float> dWeights)
    {
        var width = weights.Length;
        Span<float> weighted = stackalloc float[width];
        for (var row = 0; row * width < x.Length; row++)
        {
            var from = x.Slice(row * width, width);
            var up = dy.Slice(row * width, width);
            var down = dx.Slice(row * width, width);
            var scale = scales[row];
            for (var i = 0; i < width; i++)
            {
                dWeights[i] += up[i] * from[i] * scale;
                weighted[i] = up[i] * weights[i];
            }

            // The scale depends on every x of the row.
            var common = Matrices.Dot(weighted, from) * scale * scale * scale / width;
            for (var i = 0; i < width; i++)
            {
                down[i] += (weighted[i] * scale) - (from[i] * common);
            }
        }
    }
}
