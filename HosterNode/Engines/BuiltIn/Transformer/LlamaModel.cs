using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

/// <summary>
/// A decoder-only transformer of the llama architecture: RMSNorm, RoPE, grouped-query attention over a KV cache, SwiGLU. The model is
/// read-only and shared; cache and workspace belong to one slot.
/// </summary>
internal sealed class LlamaModel
{
    private readonly LlamaWeights _weights;
    private readonly RopeTable _rope;

    private LlamaModel(LlamaShape shape, LlamaWeights weights)
    {
        Shape = shape;
        _weights = weights;
        _rope = new RopeTable(shape);
    }

    public LlamaShape Shape { get; }

    public static LlamaModel Read(GgufFile file)
    {
        var shape = LlamaShape.Read(file);
        return new LlamaModel(shape, LlamaWeights.Read(file, shape));
    }

    /// <summary>Reads one token at the cache's next position, without asking what follows it.</summary>
    public void Read(int token, KvCache cache, LlamaWorkspace work)
    {
        _weights.TokenEmbedding.AsSpan(token * Shape.EmbeddingLength, Shape.EmbeddingLength).CopyTo(work.Residual);
        for (var i = 0; i < _weights.Blocks.Length; i++)
        {
            Attend(_weights.Blocks[i], i, cache, work);
            FeedForward(_weights.Blocks[i], work);
        }

        cache.Length++;
    }

    /// <summary>The logits of the token after the last one that was read with this workspace.</summary>
    public ReadOnlySpan<float> Predict(LlamaWorkspace work)
    {
        VectorMath.RmsNorm(work.Residual, _weights.OutputNorm, Shape.NormEpsilon, work.Normed);
        VectorMath.Multiply(_weights.Output, work.Normed, work.Logits);
        return work.Logits;
    }

    /// <summary>Adds what the blocks have made of the token read last, normed as for a prediction.</summary>
    public void AddState(LlamaWorkspace work, Span<float> sum)
    {
        VectorMath.RmsNorm(work.Residual, _weights.OutputNorm, Shape.NormEpsilon, work.Normed);
        VectorMath.AddScaled(sum, work.Normed, 1);
    }

    private void Attend(LlamaBlock block, int index, KvCache cache, LlamaWorkspace work)
    {
        var position = cache.Length;
        var key = cache.Key(index, position);
        VectorMath.RmsNorm(work.Residual, block.AttentionNorm, Shape.NormEpsilon, work.Normed);
        VectorMath.Multiply(block.Query, work.Normed, work.Query);
        VectorMath.Multiply(block.Key, work.Normed, key);
        VectorMath.Multiply(block.Value, work.Normed, cache.Value(index, position));
        _rope.Rotate(work.Query, position);
        _rope.Rotate(key, position);

        for (var head = 0; head < Shape.HeadCount; head++)
        {
            AttendHead(head, index, cache, work, position + 1);
        }

        VectorMath.Multiply(block.AttentionOutput, work.Attended, work.Projected);
        VectorMath.AddScaled(work.Residual, work.Projected, 1);
    }

    private void AttendHead(int head, int block, KvCache cache, LlamaWorkspace work, int length)
    {
        var width = Shape.HeadLength;
        // Several query heads share one key/value head.
        var shared = head / (Shape.HeadCount / Shape.KeyValueHeadCount) * width;
        var query = work.Query.AsSpan(head * width, width);
        var scores = work.Scores.AsSpan(0, length);
        var scale = 1f / MathF.Sqrt(width);
        for (var position = 0; position < length; position++)
        {
            scores[position] = VectorMath.Dot(query, cache.Key(block, position).Slice(shared, width)) * scale;
        }

        VectorMath.Softmax(scores);
        var attended = work.Attended.AsSpan(head * width, width);
        attended.Clear();
        for (var position = 0; position < length; position++)
        {
            VectorMath.AddScaled(attended, cache.Value(block, position).Slice(shared, width), scores[position]);
        }
    }

    private void FeedForward(LlamaBlock block, LlamaWorkspace work)
    {
        VectorMath.RmsNorm(work.Residual, block.FeedForwardNorm, Shape.NormEpsilon, work.Normed);
        VectorMath.Multiply(block.Gate, work.Normed, work.Gate);
        VectorMath.Multiply(block.Up, work.Normed, work.Up);
        VectorMath.SwiGlu(work.Gate, work.Up);
        VectorMath.Multiply(block.Down, work.Gate, work.Projected);
        VectorMath.AddScaled(work.Residual, work.Projected, 1);
    }
}
