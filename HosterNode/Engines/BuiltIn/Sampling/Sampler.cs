namespace ComputeShare.HosterNode.Engines.BuiltIn.Sampling;

/// <summary>
/// Picks one choice's tokens: bias and penalties, temperature, then top-k, top-p and min-p, then chance. Equal logits go to the lower
/// id. Not for several threads.
/// </summary>
internal sealed class Sampler(SamplingSettings settings, int choice, int vocabularySize)
{
    private readonly float[] _scores = new float[vocabularySize];
    private readonly int[] _order = new int[vocabularySize];
    private readonly Dictionary<int, int> _generated = [];

    /// <summary>Tells of a token that now stands in the choice's text.</summary>
    public void Accept(int token) => _generated[token] = _generated.GetValueOrDefault(token) + 1;

    /// <param name="logits">One per token.</param>
    /// <param name="position">Index of the token to pick among the choice's generated tokens.</param>
    /// <param name="allowed">Tokens that may stand here; at least one.</param>
    public int Sample(ReadOnlySpan<float> logits, int position, Func<int, bool> allowed)
    {
        var count = CollectCandidates(logits, allowed);
        ApplyBiasAndPenalties();
        var candidates = _order.AsSpan(0, count);
        if (settings.Temperature == 0)
        {
            return Likeliest(candidates);
        }

        candidates.Sort(ByScore);
        candidates = candidates[..(settings.TopK > 0 ? Math.Min(settings.TopK, count) : count)];
        ToProbabilities(candidates);
        candidates = candidates[..Kept(candidates)];
        return Draw(candidates, SeededDraw.At(settings.Seed, choice, position));
    }

    private int CollectCandidates(ReadOnlySpan<float> logits, Func<int, bool> allowed)
    {
        logits.CopyTo(_scores);
        var count = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            if (allowed(token))
            {
                _order[count++] = token;
            }
        }

        return count;
    }

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

    private int ByScore(int left, int right) =>
        _scores[left] == _scores[right] ? left.CompareTo(right) : _scores[right].CompareTo(_scores[left]);

    private void ToProbabilities(ReadOnlySpan<int> candidates)
    {
        var most = _scores[candidates[0]];
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
