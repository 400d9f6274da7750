namespace ComputeShare.TinyModel;

/// <summary>The one place where the tiny model's architecture stands.</summary>
internal static class ModelShape
{
    public const string Name = "computeshare/tiny";
    public const ulong Seed = 20260;

    public const int ContextLength = 1024;
    public const int EmbeddingLength = 64;
    public const int BlockCount = 4;
    public const int FeedForwardLength = 192;
    public const int HeadCount = 4;
    public const int KeyValueHeadCount = 2;
    public const float RopeBase = 10_000;
    public const float NormEpsilon = 1e-5f;

    public const int HeadLength = EmbeddingLength / HeadCount;
    public const int KeyValueLength = HeadLength * KeyValueHeadCount;

    /// <summary>256 bytes, then merges, then the special tokens.</summary>
    public const int VocabularySize = 768;
}
