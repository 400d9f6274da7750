namespace ComputeShare.HosterNode.Engines.BuiltIn.Sampling;

/// <summary>
/// Picks one choice's tokens: bias and penalties, temperature, then top-k, top-p and min-p, then chance. Equal logits go to the lower
/// id. Not for several threads.
/// </summary>
internal sealed class Sampler(SamplingSettings settings, int choice, int vocabularySize)
{
    private readonly float[] _scores = new float[vocabularySize];
    private readonly int[] _order = new int[vocabularySize];
    private readonly ulong[] _keys = new ulong[vocabularySize];
    private readonly Dictionary<int, int> _generated = [];

    /// <summary>Tells of a token that now stands in the choice's text.</summary>
    public void Accept(int token) => _generated[token] = _generated.GetValueOrDefault(token) + 1;

    /// <param name="logits">One per token.</param>
    /// <param name="position">Index of the token to pick among the choice's generated tokens.</param>
    /// <param name="allowed">Tokens that may stand here, in order of their ids; at least one.</param>
    public int Sample(ReadOnlySpan<float> logits, int position, ReadOnlySpan<int> allowed)
    {
        logits.CopyTo(_scores);
        ApplyBiasAndPenalties();
        if (settings.Temperature == 0)
        {
            return Likeliest(allowed);
        }

        var candidates = _order.AsSpan(0, allowed.Length);
        allowed.CopyTo(candidates);
        if (Truncates)
        {
            SortByScore(candidates);
            candidates = candidates[..(settings.TopK > 0 ? Math.Min(settings.TopK, candidates.Length) : candidates.Length)];
        }

        ToProbabilities(candidates);
        candidates = Truncates ? candidates[..Kept(candidates)] : candidates;
        return Draw(candidates, SeededDraw.At(settings.Seed, choice, position));
    }

    // Where all candidates stay, their order does not matter, and sorting them would cost more than a small model's layer.
    private bool Truncates => settings.TopK > 0 || settings.TopP < 1 || settings.MinP > 0;

    private void ApplyBiasAndPenalties()
    {
        foreach (var (token, bias) in settings.LogitBias)
        {
            _scores[token] += bias;
        }

        foreach (var (token, times) in _generated)
        {
            _scores[token] -= settings.PresencePenalty + (settings.FrequencyPenalty * times);
        }
    }

    private int Likeliest(ReadOnlySpan<int> candidates)
    {
        var best = candidates[0];
        foreach (var token in candidates)
        {
            best = _scores[token] > _scores[best] ? token : best;
        }

        return best;
    }

    /// <summary>The highest score first. Numbers are sorted many times faster than by a comparison: score above, token below.</summary>
    private void SortByScore(Span<int> candidates)
    {
        var keys = _keys.AsSpan(0, candidates.Length);
        for (var i = 0; i < keys.Length; i++)
        {
            // Bits of a float in its order: the sign turned for positive numbers, all bits for negative ones. Adding 0 makes -0 a 0.
            var bits = BitConverter.SingleToUInt32Bits(_scores[candidates[i]] + 0f);
            bits = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
            keys[i] = ((ulong)~bits << 32) | (uint)candidates[i];
        }

        keys.Sort();
        for (var i = 0; i < keys.Length; i++)
        {
            candidates[i] = (int)(uint)keys[i];
        }
    }

    private void ToProbabilities(ReadOnlySpan<int> candidates)
    {
        var most = _scores[candidates[0]];
        foreach (var token in candidates)
        {
            most = MathF.Max(most, _scores[token]);
        }

        var sum = 0f;
        foreach (var token in candidates)
        {
            _scores[token] = MathF.Exp((_scores[token] - most) / settings.Temperature);
            sum += _scores[token];
        }

        foreach (var token in candidates)
        {
            _scores[token] /= sum;
        }
    }

    private int Kept(ReadOnlySpan<int> candidates)
    {
        var least = settings.MinP * _scores[candidates[0]];
        var sum = 0f;
        var kept = 0;
        while (kept < candidates.Length && (kept == 0 || (sum < settings.TopP && _scores[candidates[kept]] >= least)))
        {
            sum += _scores[candidates[kept++]];
        }

        return kept;
    }

    private int Draw(ReadOnlySpan<int> candidates, double chance)
    {
        var sum = 0.0;
        foreach (var token in candidates)
        {
            sum += _scores[token];
        }

        var rest = chance * sum;
        foreach (var token in candidates)
        {
            rest -= _scores[token];
            if (rest < 0)
            {
                return token;
            }
        }

        // Rounding may leave a last crumb of probability.
        return candidates[^1];
    }
}
