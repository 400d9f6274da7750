using ComputeShare.Tokenizing.Gguf;
using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Transformer;

/// <summary>
/// The llama architecture written down as in its paper: double precision, whole matrices, no cache, every token recomputed. Shares
/// nothing with the engine but the file reader and the sizes.
/// </summary>
internal sealed class NaiveLlama(GgufFile file, LlamaShape shape)
{
    private readonly int _units = shape.EmbeddingLength;
    private readonly int _head = shape.EmbeddingLength / shape.HeadCount;

    /// <summary>The logits after the last of the tokens.</summary>
    public double[] Logits(IReadOnlyList<int> tokens)
    {
        var embedding = Matrix("token_embd.weight", _units, shape.VocabularySize);
        var x = tokens.Select(token => embedding[token].ToArray()).ToArray();
        for (var block = 0; block < shape.BlockCount; block++)
        {
            Block(x, $"blk.{block}.");
        }

        return Times(Matrix("output.weight", _units, shape.VocabularySize), Norm(x[^1], "output_norm.weight"));
    }

    private void Block(double[][] x, string prefix)
    {
        var keyValue = _head * shape.KeyValueHeadCount;
        var (wq, wk, wv) = (Matrix(prefix + "attn_q.weight", _units, _units), Matrix(prefix + "attn_k.weight", _units, keyValue),
            Matrix(prefix + "attn_v.weight", _units, keyValue));
        var normed = x.Select(row => Norm(row, prefix + "attn_norm.weight")).ToArray();
        var q = normed.Select((row, position) => Rope(Times(wq, row), position)).ToArray();
        var k = normed.Select((row, position) => Rope(Times(wk, row), position)).ToArray();
        var v = normed.Select(row => Times(wv, row)).ToArray();
        var wo = Matrix(prefix + "attn_output.weight", _units, _units);
        var attended = x.Select((_, position) => Times(wo, Attend(q[position], k[..(position + 1)], v))).ToArray();
        Add(x, attended);

        var (gate, up, down) = (Matrix(prefix + "ffn_gate.weight", _units, shape.FeedForwardLength),
            Matrix(prefix + "ffn_up.weight", _units, shape.FeedForwardLength), Matrix(prefix + "ffn_down.weight", shape.FeedForwardLength, _units));
        Add(x, x.Select(row => Norm(row, prefix + "ffn_norm.weight"))
            .Select(row => Times(down, Times(gate, row).Zip(Times(up, row), (g, u) => g / (1 + Math.Exp(-g)) * u).ToArray()))
            .ToArray());
    }

    private double[] Attend(double[] query, double[][] keys, double[][] values)
    {
        var result = new double[_units];
        for (var head = 0; head < shape.HeadCount; head++)
        {
            var shared = head * shape.KeyValueHeadCount / shape.HeadCount;
            var scores = keys.Select(key => Math.Exp(
                Enumerable.Range(0, _head).Sum(i => query[(head * _head) + i] * key[(shared * _head) + i]) / Math.Sqrt(_head))).ToArray();
            for (var i = 0; i < _head; i++)
            {
                result[(head * _head) + i] = scores.Select((score, position) => score / scores.Sum() * values[position][(shared * _head) + i]).Sum();
            }
        }

        return result;
    }

    private double[] Rope(double[] row, int position)
    {
        var result = new double[row.Length];
        for (var i = 0; i < row.Length; i += 2)
        {
            var angle = position / Math.Pow(shape.RopeBase, (i % _head) / (double)_head);
            result[i] = (row[i] * Math.Cos(angle)) - (row[i + 1] * Math.Sin(angle));
            result[i + 1] = (row[i] * Math.Sin(angle)) + (row[i + 1] * Math.Cos(angle));
        }

        return result;
    }

    private double[] Norm(double[] row, string name)
    {
        var weights = Vector(name, row.Length);
        var scale = 1 / Math.Sqrt((row.Sum(value => value * value) / row.Length) + shape.NormEpsilon);
        return row.Zip(weights, (value, weight) => value * scale * weight).ToArray();
    }

    private static void Add(double[][] x, double[][] more)
    {
        for (var position = 0; position < x.Length; position++)
        {
            x[position] = x[position].Zip(more[position], (left, right) => left + right).ToArray();
        }
    }

    private static double[] Times(double[][] matrix, double[] vector) =>
        matrix.Select(row => row.Zip(vector, (left, right) => left * right).Sum()).ToArray();

    private double[] Vector(string name, int length) => file.GetTensor(name, length).Select(value => (double)value).ToArray();

    private double[][] Matrix(string name, int columns, int rows) =>
        file.GetTensor(name, columns, rows).Select(value => (double)value).Chunk(columns).ToArray();
}
