using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.TinyModel;

/// <summary>The one place where the tiny model's architecture stands.</summary>
internal static class ModelShape
{
    public const string Name = "computeshare/tiny";

    /// <summary>256 bytes, then merges, then the special tokens.</summary>
    public const int VocabularySize = 1024;

    /// <summary>1.05 million parameters.</summary>
    public static readonly LlamaShape Tiny = new(
        ContextLength: 1024,
        EmbeddingLength: 128,
        BlockCount: 4,
        FeedForwardLength: 384,
        HeadCount: 4,
        KeyValueHeadCount: 2,
        RopeBase: 10_000,
        NormEpsilon: 1e-5f,
        VocabularySize);
}
