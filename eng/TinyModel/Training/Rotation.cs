using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.TinyModel.Training;

/// <summary>
/// RoPE over segments that each begin at position 0: neighbours of a head are a pair, as the engine and llama.cpp have it. The
/// gradient of a turn is the turn back.
/// </summary>
internal sealed class Rotation
{
    private readonly int _pairs;
    private readonly float[] _cosine;
    private readonly float[] _sine;

    public Rotation(LlamaShape shape)
    {
        _pairs = shape.HeadLength / 2;
        _cosine = new float[shape.ContextLength * _pairs];
        _sine = new float[shape.ContextLength * _pairs];
        for (var i = 0; i < _cosine.Length; i++)
        {
            var (position, pair) = Math.DivRem(i, _pairs);
            (_sine[i], _cosine[i]) = ((float, float))Math.SinCos(position * Math.Pow(shape.RopeBase, -2.0 * pair / shape.HeadLength));
        }
    }

    public void Turn(Span<float> rows, int width, IReadOnlyList<int> segments, bool back = false)
    {
        var row = 0;
        foreach (var length in segments)
        {
            for (var position = 0; position < length; position++, row++)
            {
                TurnRow(rows.Slice(row * width, width), position * _pairs, back ? -1 : 1);
            }
        }
    }

    private void TurnRow(Span<float> row, int table, float direction)
    {
        var cosine = _cosine.AsSpan(table, _pairs);
        var sine = _sine.AsSpan(table, _pairs);
        while (!row.IsEmpty)
        {
            for (var pair = 0; pair < cosine.Length; pair++)
            {
                var (x, y, turn) = (row[2 * pair], row[(2 * pair) + 1], sine[pair] * direction);
                row[2 * pair] = (x * cosine[pair]) - (y * turn);
                row[(2 * pair) + 1] = (x * turn) + (y * cosine[pair]);
            }

            row = row[(2 * _pairs)..];
        }
    }
}
