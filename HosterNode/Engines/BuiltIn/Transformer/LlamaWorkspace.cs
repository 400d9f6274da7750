namespace ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

/// <summary>The buffers of one forward pass, kept by a slot so that a token allocates none.</summary>
internal sealed class LlamaWorkspace(LlamaShape shape)
{
    /// <summary>What the blocks have made of the token read last.</summary>
    public float[] Residual { get; } = new float[shape.EmbeddingLength];

    public float[] Normed { get; } = new float[shape.EmbeddingLength];

    public float[] Query { get; } = new float[shape.EmbeddingLength];

    public float[] Attended { get; } = new float[shape.EmbeddingLength];

    public float[] Projected { get; } = new float[shape.EmbeddingLength];

    public float[] Gate { get; } = new float[shape.FeedForwardLength];

    public float[] Up { get; } = new float[shape.FeedForwardLength];

    public float[] Scores { get; } = new float[shape.ContextLength];

    public float[] Logits { get; } = new float[shape.VocabularySize];

    /// <summary>A workspace of its own from which the same next token is predicted.</summary>
    public LlamaWorkspace Fork(LlamaShape shape)
    {
        var fork = new LlamaWorkspace(shape);
        Residual.CopyTo(fork.Residual, 0);
        return fork;
    }
}
