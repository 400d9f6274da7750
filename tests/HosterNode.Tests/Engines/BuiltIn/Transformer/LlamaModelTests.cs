using ComputeShare.Tokenizing.Gguf;
using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Transformer;

public sealed class LlamaModelTests
{
    private static readonly LlamaModel Model = CommittedModel.Model.Transformer;
    private static readonly int[] Tokens = [.. CommittedModel.ChatPrompt("A haiku"), 300, 517, 255, 0, 449];

    [Fact]
    public void Predict_EveryPrefix_EqualsTheNaiveForwardPass()
    {
        var naive = new NaiveLlama(GgufFile.Parse(CommittedModel.Bytes), Model.Shape);
        var cache = new KvCache(Model.Shape, Tokens.Length);
        var work = new LlamaWorkspace(Model.Shape);
        for (var count = 1; count <= Tokens.Length; count++)
        {
            Model.Read(Tokens[count - 1], cache, work);

            var logits = Model.Predict(work).ToArray();

            var expected = naive.Logits(Tokens[..count]);
            Assert.All(logits.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 2e-4));
        }
    }

    [Fact]
    public void Predict_FromAnIncrementalCache_EqualsAFreshRecomputationBitForBit()
    {
        var cache = new KvCache(Model.Shape, 100);
        var work = new LlamaWorkspace(Model.Shape);
        foreach (var token in Tokens)
        {
            Model.Read(token, cache, work);
            _ = Model.Predict(work);
        }

        Assert.Equal(Recompute(Tokens), Model.Predict(work).ToArray());
    }

    [Fact]
    public void Fork_BothContinue_NeitherSeesTheOther()
    {
        var cache = new KvCache(Model.Shape, 100);
        var work = new LlamaWorkspace(Model.Shape);
        foreach (var token in Tokens)
        {
            Model.Read(token, cache, work);
        }

        var (otherCache, otherWork) = (cache.Fork(Model.Shape), work.Fork(Model.Shape));
        Assert.Equal(Model.Predict(work).ToArray(), Model.Predict(otherWork).ToArray());
        Model.Read(300, cache, work);
        Model.Read(517, otherCache, otherWork);

        Assert.Equal(Recompute([.. Tokens, 300]), Model.Predict(work).ToArray());
        Assert.Equal(Recompute([.. Tokens, 517]), Model.Predict(otherWork).ToArray());
    }

    private static float[] Recompute(int[] tokens)
    {
        var cache = new KvCache(Model.Shape, tokens.Length);
        var work = new LlamaWorkspace(Model.Shape);
        foreach (var token in tokens)
        {
            Model.Read(token, cache, work);
        }

        return Model.Predict(work).ToArray();
    }
}
