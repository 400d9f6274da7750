using System.Runtime.CompilerServices;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Requests;
using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>
/// Texts as vectors: the mean of the model's states over a text's tokens, of length one. Fewer dimensions are the first ones, of length
/// one again.
/// </summary>
internal sealed class Embedder(BuiltInModel model, ComputeThreads threads)
{
    // Tokens between two looks at the cancellation.
    private const int Step = 32;

    public async IAsyncEnumerable<Frame> EmbedAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var work = EmbeddingReader.Read(request, model);
        yield return new Frame { Started = new Started { Fingerprint = model.Description.Fingerprint } };

        for (var input = 0; input < work.Inputs.Count; input++)
        {
            var vector = await EmbedAsync(work.Inputs[input], cancellationToken);
            var delta = new Delta { ChoiceIndex = (uint)input };
            delta.Embedding.AddRange(ToLengthOne(vector.AsSpan(0, work.Dimensions)));
            yield return new Frame { Delta = delta };
        }

        yield return new Frame { Finished = new Finished { Usage = new EngineUsage { PromptTokens = (uint)work.Inputs.Sum(input => input.Count) } } };
    }

    private async Task<float[]> EmbedAsync(List<int> tokens, CancellationToken cancellationToken)
    {
        var shape = model.Transformer.Shape;
        var cache = new KvCache(shape, tokens.Count);
        var space = new LlamaWorkspace(shape);
        var sum = new float[shape.EmbeddingLength];
        while (cache.Length < tokens.Count)
        {
            await threads.RunAsync(() => ReadSome(tokens, cache, space, sum), cancellationToken);
        }

        return sum;
    }

    private int ReadSome(List<int> tokens, KvCache cache, LlamaWorkspace space, float[] sum)
    {
        var end = Math.Min(cache.Length + Step, tokens.Count);
        while (cache.Length < end)
        {
            model.Transformer.Read(tokens[cache.Length], cache, space);
            model.Transformer.AddState(space, sum);
        }

        return end;
    }

    // The mean's own length does not matter, so the sum does as well.
    private static float[] ToLengthOne(ReadOnlySpan<float> vector)
    {
        var length = MathF.Sqrt(VectorMath.Dot(vector, vector));
        var result = new float[vector.Length];
        VectorMath.AddScaled(result, vector, length > 0 ? 1 / length : 0);
        return result;
    }
}
