namespace ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

/// <summary>Keys and values of the tokens that one slot has read. Belongs to one slot at a time; not for several threads.</summary>
internal sealed class KvCache
{
    private readonly float[][] _keys;
    private readonly float[][] _values;
    private readonly int _width;

    /// <param name="shape">The model's sizes.</param>
    /// <param name="capacity">The most tokens this cache will hold.</param>
    public KvCache(LlamaShape shape, int capacity)
    {
        _width = shape.KeyValueLength;
        Capacity = capacity;
        _keys = Enumerable.Range(0, shape.BlockCount).Select(_ => new float[capacity * _width]).ToArray();
        _values = Enumerable.Range(0, shape.BlockCount).Select(_ => new float[capacity * _width]).ToArray();
    }

    public int Capacity { get; }

    /// <summary>Tokens read so far: the position of the next one.</summary>
    public int Length { get; set; }

    public Span<float> Key(int block, int position) => _keys[block].AsSpan(position * _width, _width);

    public Span<float> Value(int block, int position) => _values[block].AsSpan(position * _width, _width);

    /// <summary>A cache of its own with the same tokens, for another choice of the same prompt.</summary>
    public KvCache Fork(LlamaShape shape)
    {
        var fork = new KvCache(shape, Capacity) { Length = Length };
        for (var block = 0; block < _keys.Length; block++)
        {
            _keys[block].AsSpan(0, Length * _width).CopyTo(fork._keys[block]);
            _values[block].AsSpan(0, Length * _width).CopyTo(fork._values[block]);
        }

        return fork;
    }
}
