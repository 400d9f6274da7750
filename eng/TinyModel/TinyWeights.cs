using System.Numerics;

namespace ComputeShare.TinyModel;

/// <summary>
/// Random weights, with one thing learned by counting: unit 0 of the residual stream is the same for every token, no block writes to it,
/// and the output layer turns it into each token's frequency in the training text. So the model says words rather than stray bytes.
/// </summary>
internal sealed class TinyWeights(SeededRandom random, Vocabulary vocabulary)
{
    private const int ConstantUnit = 0;
    private const float ConstantValue = 4;

    // Chosen by reading greedy text: with weaker queries, keys or ways back to the residual it soon repeats one word for ever; with
    // stronger ones the frequencies drown and it is stray letters.
    private const double EmbeddingDeviation = 0.7;
    private const double QueryKeyDeviation = 0.3;
    private const double InnerDeviation = 0.12;
    private const double ResidualDeviation = 0.35;
    private const double LogitDeviation = 2.5;

    // Roughly the constant unit after the last norm.
    private const double NormedConstant = 2.8;

    public void AddTo(GgufWriter file)
    {
        const int Units = ModelShape.EmbeddingLength;
        file.AddMatrix("token_embd.weight", Units, ModelShape.VocabularySize, Embedding);
        for (var block = 0; block < ModelShape.BlockCount; block++)
        {
            var prefix = $"blk.{block}.";
            file.AddOnes(prefix + "attn_norm.weight", Units);
            file.AddMatrix(prefix + "attn_q.weight", Units, Units, QueryKey);
            file.AddMatrix(prefix + "attn_k.weight", Units, ModelShape.KeyValueLength, QueryKey);
            file.AddMatrix(prefix + "attn_v.weight", Units, ModelShape.KeyValueLength, Inner);
            file.AddMatrix(prefix + "attn_output.weight", Units, Units, ToResidual);
            file.AddOnes(prefix + "ffn_norm.weight", Units);
            file.AddMatrix(prefix + "ffn_gate.weight", Units, ModelShape.FeedForwardLength, Inner);
            file.AddMatrix(prefix + "ffn_up.weight", Units, ModelShape.FeedForwardLength, Inner);
            file.AddMatrix(prefix + "ffn_down.weight", ModelShape.FeedForwardLength, Units, ToResidual);
        }

        file.AddOnes("output_norm.weight", Units);
        file.AddMatrix("output.weight", Units, ModelShape.VocabularySize, Output);
    }

    private float Embedding(int token, int unit) => unit == ConstantUnit ? ConstantValue : random.NextWeight(EmbeddingDeviation);

    // Blocks read everything but the constant: it would drown the rest.
    private float QueryKey(int row, int column) => column == ConstantUnit ? 0 : random.NextWeight(QueryKeyDeviation);

    private float Inner(int row, int column) => column == ConstantUnit ? 0 : random.NextWeight(InnerDeviation);

    private float ToResidual(int row, int column) => row == ConstantUnit ? 0 : random.NextWeight(ResidualDeviation);

    private float Output(int token, int unit) => unit == ConstantUnit
        ? (float)(LogFrequency(token) / NormedConstant)
        : random.NextWeight(LogitDeviation / Math.Sqrt(ModelShape.EmbeddingLength));

    private double LogFrequency(int token)
    {
        var count = token < vocabulary.Tokens.Count ? vocabulary.Counts.GetValueOrDefault(vocabulary.Tokens[token]) : 0;
        return count == 0 ? -LogNatural(100) : LogNatural((ulong)count);
    }

    /// <summary>The natural logarithm to about a tenth, without the C library, whose last bit differs between machines.</summary>
    private static double LogNatural(ulong value)
    {
        var power = BitOperations.Log2(value);
        return (power + ((double)value / (1UL << power)) - 1) * 0.6931471805599453;
    }
}
