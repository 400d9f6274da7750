using ComputeShare.Tokenizing.Gguf;
using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;
using ComputeShare.TinyModel;
using ComputeShare.TinyModel.Training;

namespace ComputeShare.HosterNode.Tests.TinyModel;

public sealed class TrainerTests
{
    private static readonly LlamaShape Shape = new(
        ContextLength: 64, EmbeddingLength: 64, BlockCount: 1, FeedForwardLength: 64, HeadCount: 2, KeyValueHeadCount: 1, RopeBase: 10_000, NormEpsilon: 1e-5f,
        VocabularySize: 96);

    private static readonly TrainingPlan Plan = new(Steps: 40, BatchesPerStep: 2, TokensPerBatch: 64, Rate: 5e-3f, WarmUpSteps: 5);

    [Fact]
    public void Step_TheSameFewSamples_AreLearned()
    {
        var losses = new List<double>();

        Train(losses);

        Assert.InRange(losses[0], Math.Log(Shape.VocabularySize) - 1, Math.Log(Shape.VocabularySize) + 1);
        Assert.InRange(losses[^1], 0, 0.2);
    }

    [Fact]
    public void Step_TheSameSeed_GivesTheSameWeightsBitForBit() => Assert.Equal(Train([]), Train([]));

    [Fact]
    public void Write_TrainedWeights_AreWhatTheEnginePredictsWith()
    {
        var layout = new ParameterLayout(ModelShape.Tiny);
        var values = layout.Initialize(new SeededRandom(5));
        var transposed = new float[layout.Count];
        layout.Transpose(values, transposed);
        var file = TinyModelFile.Write(TinyModelTraining.TrainVocabulary(), layout, values);
        int[] tokens = [700, 12, 300, 44, 511];

        // The trainer's loss of the last token is what the engine, which has the weights in half precision, says of it.
        var loss = new TrainingPass(layout).Run(new Batch([new Sample(tokens, [false, false, false, false, true])]), values, transposed, []);

        var model = LlamaModel.Read(GgufFile.Parse(file));
        var (cache, work) = (new KvCache(model.Shape, tokens.Length), new LlamaWorkspace(model.Shape));
        foreach (var token in tokens[..^1])
        {
            model.Read(token, cache, work);
        }

        var logits = model.Predict(work).ToArray();
        Assert.Equal(-Math.Log(Math.Exp(logits[tokens[^1]]) / logits.Sum(logit => Math.Exp(logit))), loss, 5e-3);
    }

    private static float[] Train(List<double> losses)
    {
        var layout = new ParameterLayout(Shape);
        var trainer = new Trainer(layout, layout.Initialize(new SeededRandom(1)), Plan);
        Batch[] batches = [new([SampleOf(20, 1), SampleOf(15, 2)]), new([SampleOf(30, 3)])];
        for (var step = 0; step < Plan.Steps; step++)
        {
            losses.Add(trainer.Step(batches));
        }

        return trainer.Values;
    }

    private static Sample SampleOf(int length, ulong seed)
    {
        var random = new SeededRandom(seed);
        return new Sample([.. Enumerable.Range(0, length).Select(_ => random.Next(Shape.VocabularySize))], [.. Enumerable.Repeat(true, length)]);
    }
}
