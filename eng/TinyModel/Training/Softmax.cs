using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ComputeShare.TinyModel.Training;

/// <summary>Softmax of the first values of a span whose length is a multiple of <see cref="Matrices.Lanes"/>; the others become 0.</summary>
internal static class Softmax
{
    public static void Forward(Span<float> values, int count, float scale = 1)
    {
        values[count..].Fill(float.NegativeInfinity);
        ref var first = ref MemoryMarshal.GetReference(values);
        var length = (nuint)values.Length;
        var most = Vector512.Create(float.NegativeInfinity);
        for (nuint i = 0; i < length; i += Matrices.Lanes)
        {
            most = Vector512.Max(most, Vector512.LoadUnsafe(ref first, i));
        }

        var largest = float.NegativeInfinity;
        for (var lane = 0; lane < Matrices.Lanes; lane++)
        {
            largest = MathF.Max(largest, most[lane]);
        }

        var sum = Vector512<float>.Zero;
        for (nuint i = 0; i < length; i += Matrices.Lanes)
        {
            var power = Vector512.Exp((Vector512.LoadUnsafe(ref first, i) - Vector512.Create(largest)) * scale);
            power.StoreUnsafe(ref first, i);
            sum += power;
        }

        var factor = Vector512.Create(1 / Vector512.Sum(sum));
        for (nuint i = 0; i < length; i += Matrices.Lanes)
        {
            (Vector512.LoadUnsafe(ref first, i) * factor).StoreUnsafe(ref first, i);
        }
    }

    /// <summary>Turns the gradients of the results into those of the values.</summary>
    public static void Backward(ReadOnlySpan<float> results, Span<float> gradients, float scale)
    {
        ref var p = ref MemoryMarshal.GetReference(results);
        ref var d = ref MemoryMarshal.GetReference(gradients[..results.Length]);
        var mean = Vector512.Create(Matrices.Dot(results, gradients));
        for (nuint i = 0; i < (nuint)results.Length; i += Matrices.Lanes)
        {
            ((Vector512.LoadUnsafe(ref d, i) - mean) * Vector512.LoadUnsafe(ref p, i) * scale).StoreUnsafe(ref d, i);
        }
    }
}
