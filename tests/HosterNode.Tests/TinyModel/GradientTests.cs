using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;
using ComputeShare.TinyModel;
using ComputeShare.TinyModel.Training;

namespace ComputeShare.HosterNode.Tests.TinyModel;

/// <summary>The trainer's gradients, derived by hand, against the loss itself: a small step along any direction changes it as they say.</summary>
public sealed class GradientTests
{
    private static readonly LlamaShape Shape = new(
        ContextLength: 64, EmbeddingLength: 64, BlockCount: 2, FeedForwardLength: 48, HeadCount: 4, KeyValueHeadCount: 2, RopeBase: 10_000, NormEpsilon: 1e-5f,
        VocabularySize: 96);

    private static readonly ParameterLayout Layout = new(Shape);

    // Two conversations of which one fills no tile, so that there are padding, masks and positions that begin anew.
    private static readonly Batch Batch = new([SampleOf(21, seed: 3), SampleOf(10, seed: 4)]);

    public static TheoryData<string> Parameters => [.. Layout.All.Select(parameter => parameter.Name)];

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Run_AStepAlongAnyDirection_ChangesTheLossAsTheGradientSays(string name)
    {
        var parameter = Layout.All.Single(parameter => parameter.Name == name);
        var values = Layout.Initialize(new SeededRandom(1));
        var gradients = Gradients(values);
        var random = new SeededRandom(2);
        var own = parameter.Of(gradients).ToArray();
        for (var trial = 0; trial < 4; trial++)
        {
            // Half of the gradient's own numbers, where a step tells most; and any direction, which finds what they lack.
            var half = own.Select(value => random.Next(2) == 0 ? value : 0).ToArray();
            var any = own.Select(_ => random.NextWeight(1)).ToArray();
            AssertSlope(values, parameter, own, half, relative: 0.02);
            AssertSlope(values, parameter, own, any, relative: 0.05);
        }
    }

    private static void AssertSlope(float[] values, Parameter parameter, float[] gradient, float[] direction, double relative)
    {
        const double Step = 0.02;
        var length = Math.Sqrt(direction.Sum(value => (double)value * value));
        var expected = gradient.Zip(direction, (left, right) => (double)left * right).Sum() / length;
        var found = (LossAt(values, parameter, direction, Step / length) - LossAt(values, parameter, direction, -Step / length)) / (2 * Step);

        // The loss is a sum of single-precision numbers: their noise is about 1e-5 of it.
        var noise = 2e-3 + (relative * Norm(gradient) / Math.Sqrt(gradient.Length));
        Assert.InRange(found - expected, -noise - (relative * Math.Abs(expected)), noise + (relative * Math.Abs(expected)));
    }

    private static double LossAt(float[] values, Parameter parameter, float[] direction, double scale)
    {
        var moved = values.ToArray();
        Matrices.AddScaled(parameter.Within(moved), direction, (float)scale);
        return new TrainingPass(Layout).Run(Batch, moved, Transposed(moved), []);
    }

    private static float[] Gradients(float[] values)
    {
        var gradients = new float[Layout.Count];
        new TrainingPass(Layout).Run(Batch, values, Transposed(values), gradients);
        return gradients;
    }

    private static float[] Transposed(float[] values)
    {
        var transposed = new float[Layout.Count];
        Layout.Transpose(values, transposed);
        return transposed;
    }

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));

    private static Sample SampleOf(int length, ulong seed)
    {
        var random = new SeededRandom(seed);
        return new Sample([.. Enumerable.Range(0, length).Select(_ => random.Next(Shape.VocabularySize))], [.. Enumerable.Range(0, length).Select(i => i % 5 != 1)]);
    }
}
