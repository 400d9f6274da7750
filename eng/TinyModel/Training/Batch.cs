namespace ComputeShare.TinyModel.Training;

/// <summary>One conversation as tokens.</summary>
/// <param name="Tokens">What the model reads.</param>
/// <param name="IsAnswer">For each token, whether the model is to learn to say it.</param>
internal sealed record Sample(int[] Tokens, bool[] IsAnswer);

/// <summary>
/// Conversations one after another. Each begins at position 0 and sees itself alone; what is left to a multiple of four is padding.
/// </summary>
internal sealed class Batch
{
    public Batch(IReadOnlyList<Sample> samples)
    {
        var used = samples.Sum(sample => sample.Tokens.Length);
        var padding = (Matrices.TileRows - (used % Matrices.TileRows)) % Matrices.TileRows;
        Segments = [.. samples.Select(sample => sample.Tokens.Length), .. Enumerable.Repeat(1, padding)];
        Tokens = [.. samples.SelectMany(sample => sample.Tokens), .. new int[padding]];
        var targets = new List<(int Row, int Token)>();
        var start = 0;
        foreach (var sample in samples)
        {
            targets.AddRange(Enumerable.Range(1, sample.Tokens.Length - 1)
                .Where(i => sample.IsAnswer[i])
                .Select(i => (start + i - 1, sample.Tokens[i])));
            start += sample.Tokens.Length;
        }

        Targets = targets;
    }

    /// <summary>Their lengths add up to the number of tokens.</summary>
    public IReadOnlyList<int> Segments { get; }

    public int[] Tokens { get; }

    /// <summary>Which row is to predict which token.</summary>
    public IReadOnlyList<(int Row, int Token)> Targets { get; }
}
