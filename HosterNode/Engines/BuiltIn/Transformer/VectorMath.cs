using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

/// <summary>
/// The arithmetic of the forward pass. Sums always run in the same sixteen lanes, multiply then add, so that equal models give equal
/// bits on CPUs with wider or narrower vectors.
/// </summary>
internal static class VectorMath
{
    private static readonly int Lanes = Vector256<float>.Count;

    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right[..left.Length]);
        var first = Vector256<float>.Zero;
        var second = Vector256<float>.Zero;
        var i = 0;
        for (; i <= left.Length - (2 * Lanes); i += 2 * Lanes)
        {
            first += Vector256.LoadUnsafe(ref a, (nuint)i) * Vector256.LoadUnsafe(ref b, (nuint)i);
            second += Vector256.LoadUnsafe(ref a, (nuint)(i + Lanes)) * Vector256.LoadUnsafe(ref b, (nuint)(i + Lanes));
        }

        var all = first + second;
        var half = all.GetLower() + all.GetUpper();
        var sum = half[0] + half[1] + (half[2] + half[3]);
        for (; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }

    /// <summary>result = matrix × vector, the matrix's rows being as long as the vector.</summary>
    public static void Multiply(ReadOnlySpan<float> matrix, ReadOnlySpan<float> vector, Span<float> result)
    {
        for (var row = 0; row < result.Length; row++)
        {
            result[row] = Dot(vector, matrix.Slice(row * vector.Length, vector.Length));
        }
    }

    /// <summary>target += scale × values.</summary>
    public static void AddScaled(Span<float> target, ReadOnlySpan<float> values, float scale)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += scale * values[i];
        }
    }

    public static void RmsNorm(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float epsilon, Span<float> result)
    {
        var scale = 1f / MathF.Sqrt((Dot(values, values) / values.Length) + epsilon);
        for (var i = 0; i < values.Length; i++)
        {
            result[i] = values[i] * scale * weights[i];
        }
    }

    public static void Softmax(Span<float> values)
    {
        var most = float.NegativeInfinity;
        foreach (var value in values)
        {
            most = MathF.Max(most, value);
        }

        var sum = 0f;
        foreach (ref var value in values)
        {
            value = MathF.Exp(value - most);
            sum += value;
        }

        foreach (ref var value in values)
        {
            value /= sum;
        }
    }

    /// <summary>gate = silu(gate) × up.</summary>
    public static void SwiGlu(Span<float> gate, ReadOnlySpan<float> up)
    {
        for (var i = 0; i < gate.Length; i++)
        {
            gate[i] = gate[i] / (1f + MathF.Exp(-gate[i])) * up[i];
        }
    }
}
