using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.TinyModel.Training;

/// <summary>What one block computed on the way forward, kept for the way back. Grows with the largest batch.</summary>
internal sealed class LayerActivations(LlamaShape shape)
{
    private int _tokens;

    public float[] Input { get; private set; } = [];

    public float[] AttentionScales { get; private set; } = [];

    public float[] AttentionNormed { get; private set; } = [];

    public float[] Query { get; private set; } = [];

    public float[] Key { get; private set; } = [];

    public float[] Value { get; private set; } = [];

    public float[] Weights { get; private set; } = [];

    public float[] Attended { get; private set; } = [];

    public float[] Middle { get; private set; } = [];

    public float[] FeedForwardScales { get; private set; } = [];

    public float[] FeedForwardNormed { get; private set; } = [];

    public float[] Gate { get; private set; } = [];

    public float[] Up { get; private set; } = [];

    public float[] Activated { get; private set; } = [];

    public void Fit(int tokens, int weights)
    {
        if (tokens > _tokens)
        {
            _tokens = tokens;
            var (units, keyValue, inner) = (shape.EmbeddingLength, shape.KeyValueLength, shape.FeedForwardLength);
            (Input, AttentionNormed, Query, Attended) = (new float[tokens * units], new float[tokens * units], new float[tokens * units], new float[tokens * units]);
            (Middle, FeedForwardNormed) = (new float[tokens * units], new float[tokens * units]);
            (Key, Value) = (new float[tokens * keyValue], new float[tokens * keyValue]);
            (AttentionScales, FeedForwardScales) = (new float[tokens], new float[tokens]);
            (Gate, Up, Activated) = (new float[tokens * inner], new float[tokens * inner], new float[tokens * inner]);
        }

        if (weights > Weights.Length)
        {
            Weights = new float[weights];
        }
    }
}
