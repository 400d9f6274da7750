using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ComputeShare.TinyModel.Training;

/// <summary>SwiGLU: y = silu(gate) · up. Lengths are multiples of <see cref="Matrices.Lanes"/>.</summary>
internal static class Activation
{
    public static void Forward(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> result)
    {
        ref var g = ref MemoryMarshal.GetReference(gate);
        ref var u = ref MemoryMarshal.GetReference(up[..gate.Length]);
        ref var y = ref MemoryMarshal.GetReference(result[..gate.Length]);
        for (nuint i = 0; i < (nuint)gate.Length; i += Matrices.Lanes)
        {
            var value = Vector512.LoadUnsafe(ref g, i);
            (value * Sigmoid(value) * Vector512.LoadUnsafe(ref u, i)).StoreUnsafe(ref y, i);
        }
    }

    /// <summary>Turns gate and up into their own gradients.</summary>
    public static void Backward(Span<float> gate, Span<float> up, ReadOnlySpan<float> dy)
    {
        ref var g = ref MemoryMarshal.GetReference(gate);
        ref var u = ref MemoryMarshal.GetReference(up[..gate.Length]);
        ref var d = ref MemoryMarshal.GetReference(dy[..gate.Length]);
        for (nuint i = 0; i < (nuint)gate.Length; i += Matrices.Lanes)
        {
            var value = Vector512.LoadUnsafe(ref g, i);
            var sigmoid = Sigmoid(value);
            var silu = value * sigmoid;
            var (other, from) = (Vector512.LoadUnsafe(ref u, i), Vector512.LoadUnsafe(ref d, i));
            (from * silu).StoreUnsafe(ref u, i);
            (from * other * (sigmoid + (silu * (Vector512<float>.One - sigmoid)))).StoreUnsafe(ref g, i);
        }
    }

    private static Vector512<float> Sigmoid(Vector512<float> value) =>
        Vector512<float>.One / (Vector512<float>.One + Vector512.Exp(-value));
}
