using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ComputeShare.TinyModel.Training;

/// <summary>Adam with decoupled weight decay, which norms and the embedding are spared.</summary>
internal sealed class AdamW(ParameterLayout layout)
{
    private const float FirstDecay = 0.9f;
    private const float SecondDecay = 0.98f;
    private const float Epsilon = 1e-8f;
    private const float WeightDecay = 0.05f;

    private readonly float[] _first = new float[layout.Count];
    private readonly float[] _second = new float[layout.Count];
    private double _firstPower = 1;
    private double _secondPower = 1;

    public void Step(Span<float> values, ReadOnlySpan<float> gradients, float rate)
    {
        _firstPower *= FirstDecay;
        _secondPower *= SecondDecay;
        foreach (var parameter in layout.All)
        {
            var decay = parameter.IsNorm || parameter.IsEmbedding ? 0 : WeightDecay;
            Step(parameter.Within(values), parameter.Of(gradients), parameter.Within(_first), parameter.Within(_second), rate, decay);
        }
    }

    private void Step(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, float rate, float decay)
    {
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var gradient = ref MemoryMarshal.GetReference(gradients);
        ref var mean = ref MemoryMarshal.GetReference(first);
        ref var square = ref MemoryMarshal.GetReference(second);
        var (firstUnbias, secondUnbias) = (Vector512.Create((float)(1 / (1 - _firstPower))), Vector512.Create((float)(1 / (1 - _secondPower))));
        for (nuint i = 0; i < (nuint)values.Length; i += Matrices.Lanes)
        {
            var (v, g) = (Vector512.LoadUnsafe(ref value, i), Vector512.LoadUnsafe(ref gradient, i));
            var m = (Vector512.LoadUnsafe(ref mean, i) * FirstDecay) + (g * (1 - FirstDecay));
            var s = (Vector512.LoadUnsafe(ref square, i) * SecondDecay) + (g * g * (1 - SecondDecay));
            m.StoreUnsafe(ref mean, i);
            s.StoreUnsafe(ref square, i);
            var step = m * firstUnbias / (Vector512.Sqrt(s * secondUnbias) + Vector512.Create(Epsilon));
            (v - (rate * (step + (decay * v)))).StoreUnsafe(ref value, i);
        }
    }
}
