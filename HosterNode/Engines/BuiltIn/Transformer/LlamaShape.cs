using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

/// <summary>The sizes of a llama-architecture model, as its file states them.</summary>
internal sealed record LlamaShape(
    int ContextLength,
    int EmbeddingLength,
    int BlockCount,
    int FeedForwardLength,
    int HeadCount,
    int KeyValueHeadCount,
    float RopeBase,
    float NormEpsilon,
    int VocabularySize)
{
    private const int MostTokens = 1 << 17;
    private const int MostUnits = 1 << 16;
    private const int MostBlocks = 256;
    private const int MostVocabulary = 1 << 20;

    public int HeadLength => EmbeddingLength / HeadCount;

    public int KeyValueLength => HeadLength * KeyValueHeadCount;

    public static LlamaShape Read(GgufFile file)
    {
        if (file.Get<string>("general.architecture") is var architecture && architecture != "llama")
        {
            throw new GgufException($"Architecture {architecture} is not supported; this engine runs llama.");
        }

        var shape = new LlamaShape(
            file.GetSize("llama.context_length", MostTokens),
            file.GetSize("llama.embedding_length", MostUnits),
            file.GetSize("llama.block_count", MostBlocks),
            file.GetSize("llama.feed_forward_length", MostUnits),
            file.GetSize("llama.attention.head_count", MostUnits),
            file.GetSize("llama.attention.head_count_kv", MostUnits),
            (float)file.Get<double>("llama.rope.freq_base"),
            (float)file.Get<double>("llama.attention.layer_norm_rms_epsilon"),
            file.GetSize("llama.vocab_size", MostVocabulary));
        var consistent = shape.EmbeddingLength % shape.HeadCount == 0
            && shape.HeadCount % shape.KeyValueHeadCount == 0
            && shape.HeadLength % 2 == 0
            && shape.RopeBase > 0
            && shape.NormEpsilon >= 0
            && file.GetSize("llama.rope.dimension_count", MostUnits) == shape.HeadLength;
        return consistent ? shape : throw new GgufException("The model's head counts, lengths and RoPE parameters do not go together.");
    }
}
