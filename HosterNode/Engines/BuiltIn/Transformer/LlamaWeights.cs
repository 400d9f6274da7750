using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

/// <summary>All weights of a model, widened to <see cref="float"/>. Matrices are rows of outputs.</summary>
internal sealed record LlamaWeights(float[] TokenEmbedding, LlamaBlock[] Blocks, float[] OutputNorm, float[] Output)
{
    public static LlamaWeights Read(GgufFile file, LlamaShape shape) => new(
        file.GetTensor("token_embd.weight", shape.EmbeddingLength, shape.VocabularySize),
        Enumerable.Range(0, shape.BlockCount).Select(block => LlamaBlock.Read(file, shape, $"blk.{block}.")).ToArray(),
        file.GetTensor("output_norm.weight", shape.EmbeddingLength),
        file.GetTensor("output.weight", shape.EmbeddingLength, shape.VocabularySize));
}

internal sealed record LlamaBlock(
    float[] AttentionNorm,
    float[] Query,
    float[] Key,
    float[] Value,
    float[] AttentionOutput,
    float[] FeedForwardNorm,
    float[] Gate,
    float[] Up,
    float[] Down)
{
    public static LlamaBlock Read(GgufFile file, LlamaShape shape, string prefix) => new(
        file.GetTensor(prefix + "attn_norm.weight", shape.EmbeddingLength),
        file.GetTensor(prefix + "attn_q.weight", shape.EmbeddingLength, shape.EmbeddingLength),
        file.GetTensor(prefix + "attn_k.weight", shape.EmbeddingLength, shape.KeyValueLength),
        file.GetTensor(prefix + "attn_v.weight", shape.EmbeddingLength, shape.KeyValueLength),
        file.GetTensor(prefix + "attn_output.weight", shape.EmbeddingLength, shape.EmbeddingLength),
        file.GetTensor(prefix + "ffn_norm.weight", shape.EmbeddingLength),
        file.GetTensor(prefix + "ffn_gate.weight", shape.EmbeddingLength, shape.FeedForwardLength),
        file.GetTensor(prefix + "ffn_up.weight", shape.EmbeddingLength, shape.FeedForwardLength),
        file.GetTensor(prefix + "ffn_down.weight", shape.FeedForwardLength, shape.EmbeddingLength));
}
