using ComputeShare.Tokenizing.Gguf;
using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;
using ComputeShare.TinyModel.Text;

namespace ComputeShare.TinyModel.Samples;

/// <summary>How surprised a model is by haikus that were held out of training, per token: e to the mean of −log p.</summary>
internal static class Perplexity
{
    public const int Haikus = 200;

    private const ulong Seed = 20263;

    public static double Of(byte[] file)
    {
        var model = LlamaModel.Read(GgufFile.Parse(file));
        var encoder = ConversationEncoder.Of(file);
        var text = new TrainingText(new SeededRandom(Seed), heldOut: true);
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < Haikus; i++)
        {
            var sample = encoder.Encode(text.NextHaiku());
            var cache = new KvCache(model.Shape, sample.Tokens.Length);
            var work = new LlamaWorkspace(model.Shape);
            for (var token = 0; token + 1 < sample.Tokens.Length; token++)
            {
                model.Read(sample.Tokens[token], cache, work);
                if (sample.IsAnswer[token + 1])
                {
                    sum -= LogProbability(model.Predict(work), sample.Tokens[token + 1]);
                    count++;
                }
            }
        }

        return Math.Exp(sum / count);
    }

    private static double LogProbability(ReadOnlySpan<float> logits, int token)
    {
        double most = logits[0];
        foreach (var logit in logits)
        {
            most = Math.Max(most, logit);
        }

        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - most);
        }

        return logits[token] - most - Math.Log(sum);
    }
}
