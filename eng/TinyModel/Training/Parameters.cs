using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.TinyModel.Training;

/// <summary>
/// Where each weight lies in one flat array, so that gradients and the optimizer's state are arrays of the same form. Matrices lie
/// inputs × outputs, the transpose of the file's; the embedding is tokens × units, as in the file.
/// </summary>
internal sealed class ParameterLayout
{
    private int _end;

    public ParameterLayout(LlamaShape shape)
    {
        // The vectors' loops take whole vectors only.
        int[] widths = [shape.HeadLength, shape.EmbeddingLength, shape.KeyValueLength, shape.FeedForwardLength, shape.VocabularySize];
        if (widths.Any(width => width % Matrices.Lanes != 0))
        {
            throw new ArgumentException($"Every width of the shape must be a multiple of {Matrices.Lanes}.", nameof(shape));
        }

        Shape = shape;
        var (units, keyValue, inner) = (shape.EmbeddingLength, shape.KeyValueLength, shape.FeedForwardLength);
        // In training a residual projection begins the smaller the more of them add up.
        var residual = 1 / Math.Sqrt(2 * shape.BlockCount);
        TokenEmbedding = Add("token_embd.weight", shape.VocabularySize, units, 0.2, isEmbedding: true);
        Blocks = Enumerable.Range(0, shape.BlockCount).Select(block => new BlockParameters(
            Add($"blk.{block}.attn_norm.weight", 1, units, 0),
            Add($"blk.{block}.attn_q.weight", units, units, 1 / Math.Sqrt(units)),
            Add($"blk.{block}.attn_k.weight", units, keyValue, 1 / Math.Sqrt(units)),
            Add($"blk.{block}.attn_v.weight", units, keyValue, 1 / Math.Sqrt(units)),
            Add($"blk.{block}.attn_output.weight", units, units, residual / Math.Sqrt(units)),
            Add($"blk.{block}.ffn_norm.weight", 1, units, 0),
            Add($"blk.{block}.ffn_gate.weight", units, inner, 1 / Math.Sqrt(units)),
            Add($"blk.{block}.ffn_up.weight", units, inner, 1 / Math.Sqrt(units)),
            Add($"blk.{block}.ffn_down.weight", inner, units, residual / Math.Sqrt(inner)))).ToArray();
        OutputNorm = Add("output_norm.weight", 1, units, 0);
        Output = Add("output.weight", units, shape.VocabularySize, 0.5 / Math.Sqrt(units));
    }

    public LlamaShape Shape { get; }

    public int Count => _end;

    /// <summary>In the order of the file.</summary>
    public List<Parameter> All { get; } = [];

    public Parameter TokenEmbedding { get; }

    public BlockParameters[] Blocks { get; }

    public Parameter OutputNorm { get; }

    public Parameter Output { get; }

    /// <summary>Norms begin as ones, everything else by chance.</summary>
    public float[] Initialize(SeededRandom random)
    {
        var values = new float[Count];
        foreach (var parameter in All)
        {
            foreach (ref var value in parameter.Within(values))
            {
                value = parameter.IsNorm ? 1 : random.NextWeight(parameter.Deviation);
            }
        }

        return values;
    }

    /// <summary>Every matrix transposed, at the same places: what gradients flow back through.</summary>
    public void Transpose(ReadOnlySpan<float> values, Span<float> transposed)
    {
        foreach (var parameter in All.Where(parameter => parameter is { IsNorm: false, IsEmbedding: false }))
        {
            Matrices.Transpose(parameter.Of(values), parameter.Within(transposed), parameter.Rows, parameter.Columns);
        }
    }

    private Parameter Add(string name, int rows, int columns, double deviation, bool isEmbedding = false)
    {
        var parameter = new Parameter(name, rows, columns, _end, deviation, isEmbedding);
        _end += parameter.Length;
        All.Add(parameter);
        return parameter;
    }
}

internal sealed record BlockParameters(
    Parameter AttentionNorm,
    Parameter Query,
    Parameter Key,
    Parameter Value,
    Parameter AttentionOutput,
    Parameter FeedForwardNorm,
    Parameter Gate,
    Parameter Up,
    Parameter Down);

/// <param name="Name">Its name in the file.</param>
/// <param name="Rows">Inputs; tokens of the embedding; 1 for a norm.</param>
/// <param name="Columns">Outputs.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Deviation">The standard deviation with which it begins.</param>
/// <param name="IsEmbedding">Rows are looked up, not multiplied.</param>
internal sealed record Parameter(string Name, int Rows, int Columns, int Offset, double Deviation, bool IsEmbedding)
{
    public bool IsNorm => Rows == 1;

    public int Length => Rows * Columns;

    public ReadOnlySpan<float> Of(ReadOnlySpan<float> values) => values.Slice(Offset, Length);

    public Span<float> Within(Span<float> values) => values.Slice(Offset, Length);
}
