namespace ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

/// <summary>
/// Rotary position embedding as llama.cpp has it for the llama architecture: neighbours (2i, 2i+1) of a head are a pair, turned by
/// position × base^(−2i / head length).
/// </summary>
internal sealed class RopeTable
{
    private readonly float[] _cosine;
    private readonly float[] _sine;
    private readonly int _pairs;

    public RopeTable(LlamaShape shape)
    {
        _pairs = shape.HeadLength / 2;
        _cosine = new float[shape.ContextLength * _pairs];
        _sine = new float[shape.ContextLength * _pairs];
        for (var i = 0; i < _cosine.Length; i++)
        {
            var (position, pair) = Math.DivRem(i, _pairs);
            var angle = position * Math.Pow(shape.RopeBase, -2.0 * pair / shape.HeadLength);
            _cosine[i] = (float)Math.Cos(angle);
            _sine[i] = (float)Math.Sin(angle);
        }
    }

    /// <summary>Turns every head in <paramref name="heads"/>.</summary>
    public void Rotate(Span<float> heads, int position)
    {
        var cosine = _cosine.AsSpan(position * _pairs, _pairs);
        var sine = _sine.AsSpan(position * _pairs, _pairs);
        for (var i = 0; i < heads.Length; i += 2)
        {
            var pair = i / 2 % _pairs;
            var (x, y) = (heads[i], heads[i + 1]);
            heads[i] = (x * cosine[pair]) - (y * sine[pair]);
            heads[i + 1] = (x * sine[pair]) + (y * cosine[pair]);
        }
    }
}
