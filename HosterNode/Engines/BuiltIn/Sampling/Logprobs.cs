using System.Text;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Text;
using ComputeShare.Tokenizing.BytePairs;
using Google.Protobuf;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Sampling;

/// <summary>Log-probabilities as the model gave them, before temperature, bias and penalties.</summary>
internal static class Logprobs
{
    public static TokenLogprob Of(ReadOnlySpan<float> logits, int token, int top, BpeTokenizer tokenizer)
    {
        var normalizer = LogSumExp(logits);
        var result = ToLogprob(token, logits[token] - normalizer, tokenizer);
        if (top > 0)
        {
            var order = new PriorityQueue<int, (float, int)>();
            for (var other = 0; other < logits.Length; other++)
            {
                if (tokenizer.IsText(other))
                {
                    order.Enqueue(other, (-logits[other], other));
                }
            }

            while (result.Top.Count < top && order.TryDequeue(out var other, out _))
            {
                result.Top.Add(ToLogprob(other, logits[other] - normalizer, tokenizer));
            }
        }

        return result;
    }

    private static TokenLogprob ToLogprob(int token, float logprob, BpeTokenizer tokenizer)
    {
        var bytes = tokenizer.BytesOf(token);
        return new() { Token = Show(bytes), Logprob = logprob, TokenBytes = ByteString.CopyFrom(bytes) };
    }

    // A token that is part of a character is shown as OpenAI does: bytes:\xe2\x9c.
    private static string Show(ReadOnlySpan<byte> bytes) => default(Utf8State).TryAdvance(bytes, out var end) && end.IsWhole
        ? Encoding.UTF8.GetString(bytes)
        : "bytes:" + string.Concat(bytes.ToArray().Select(value => $"\\x{value:x2}"));

    private static float LogSumExp(ReadOnlySpan<float> logits)
    {
        var most = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            most = MathF.Max(most, logit);
        }

        var sum = 0f;
        foreach (var logit in logits)
        {
            sum += MathF.Exp(logit - most);
        }

        return most + MathF.Log(sum);
    }
}
