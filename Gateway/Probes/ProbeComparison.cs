namespace ComputeShare.Gateway.Probes;

/// <summary>
/// Whether two answers are the same model's. The trusted one has its likelihoods, so that where they part it can be told whether chance may
/// have done it: kernels, batches and half precision turn the scales between tokens that are as good as equally likely, and nothing else.
/// </summary>
internal static class ProbeComparison
{
    /// <summary>
    /// Tokens within a factor of 1.65 of the likeliest may stand in its place. Half precision moves a likelihood by a few hundredths, other
    /// kernels for the same weights by a tenth.
    /// </summary>
    public const double NearTie = 0.5;

    /// <summary>How much likelihoods may differ on average, each as their logarithms.</summary>
    public const double MostDistance = 0.5;

    /// <summary>So many tokens no other model says by chance.</summary>
    private const int EnoughTokens = 8;

    // Of what is less likely than one in twenty the logarithms say little.
    private const double Likely = -3;

    // One token that the other does not have at all must not outweigh all others.
    private const double MostOfOne = 5;

    /// <summary>Answers at temperature 0, as texts: they are cut into tokens as the trusted one was.</summary>
    public static Agreement OfGreedy(ProbeAnswer subject, ProbeAnswer reference)
    {
        // An engine that tells thoughts apart beside one that does not: the text is not the same, and nobody is to blame.
        if (!reference.HasWholeTokens || subject.HasReasoning != reference.HasReasoning)
        {
            return Agreement.NotCompared;
        }

        var rest = subject.Text.Span;
        var agreed = 0;
        foreach (var token in reference.Tokens)
        {
            if (rest.StartsWith(token.Bytes))
            {
                rest = rest[token.Bytes.Length..];
                agreed++;
                continue;
            }

            var isChance = subject.IsCut ? token.Bytes.AsSpan().StartsWith(rest) || IsNearTie(token, rest) : IsNearTie(token, rest);
            return isChance ? Enough(agreed) : Agreement.Differs;
        }

        // What goes on behind the model's own end is not the model's, unless that was no end.
        return rest.IsEmpty ? Agreement.Agrees
            : reference.IsCut ? Enough(agreed)
            : Agreement.Differs;
    }

    /// <summary>
    /// Sampled answers, as far as they are the same and one token further: what was likely there depends on the text before alone, whatever
    /// chance then picked.
    /// </summary>
    public static Agreement OfSampled(ProbeAnswer subject, ProbeAnswer reference)
    {
        var (sum, places) = (0.0, 0);
        foreach (var (said, expected) in subject.Tokens.Zip(reference.Tokens))
        {
            if (said.Top.Count < 2 || expected.Top.Count < 2)
            {
                break;
            }

            sum += Distance(said, expected);
            places++;
            if (!said.Bytes.AsSpan().SequenceEqual(expected.Bytes))
            {
                break;
            }
        }

        return places == 0 || subject.HasReasoning != reference.HasReasoning ? Agreement.NotCompared
            : sum / places > MostDistance ? Agreement.Differs
            : Agreement.Agrees;
    }

    private static Agreement Enough(int agreed) => agreed >= EnoughTokens ? Agreement.Agrees : Agreement.Inconclusive;

    /// <summary>Another token that was as good as equally likely goes on as the subject does.</summary>
    private static bool IsNearTie(ProbeToken token, ReadOnlySpan<byte> rest)
    {
        foreach (var (bytes, logprob) in token.Top)
        {
            if (logprob >= token.Logprob - NearTie && !token.Bytes.AsSpan().SequenceEqual(bytes) && GoesOn(bytes, rest))
            {
                return true;
            }
        }

        // Without the others, or of an end that has no text: no other can be likelier than all others together.
        return (token.Top.Count < 2 || rest.IsEmpty) && Math.Log(Math.Max(0, 1 - Math.Exp(token.Logprob))) >= token.Logprob - NearTie;
    }

    // The subject's own tokens may be shorter than the one that it goes on with.
    private static bool GoesOn(byte[] bytes, ReadOnlySpan<byte> rest) =>
        bytes.Length == 0 ? rest.IsEmpty : !rest.IsEmpty && (rest.StartsWith(bytes) || bytes.AsSpan().StartsWith(rest));

    private static double Distance(ProbeToken said, ProbeToken expected)
    {
        var largest = 0.0;
        foreach (var (bytes, logprob) in expected.Top)
        {
            if (logprob < Likely)
            {
                continue;
            }

            var least = double.MaxValue;
            double? found = null;
            foreach (var top in said.Top)
            {
                least = Math.Min(least, top.Logprob);
                found = top.Bytes.AsSpan().SequenceEqual(bytes) ? top.Logprob : found;
            }

            // One that is not listed was at most as likely as the last that is.
            largest = Math.Max(largest, found is { } other ? Math.Abs(other - logprob) : logprob - least);
        }

        return Math.Min(largest, MostOfOne);
    }
}
