namespace ComputeShare.Gateway.Probes;

/// <summary>What came of a probe.</summary>
internal sealed class ProbeAnswer
{
    /// <summary>UTF-8, reasoning first.</summary>
    public required ReadOnlyMemory<byte> Text { get; init; }

    public required bool HasReasoning { get; init; }

    /// <summary>With their likelihoods, where they were asked for and given; together they are <see cref="Text"/>, or they say nothing.</summary>
    public IReadOnlyList<ProbeToken> Tokens { get; init; } = [];

    /// <summary>It ended at its budget.</summary>
    public bool IsCut { get; init; }

    /// <summary>As the gateway counted, and as the node reported.</summary>
    public uint CountedTokens { get; init; }

    public uint ReportedTokens { get; init; }

    /// <summary>From the job's start to its first and its last token, as they arrived here.</summary>
    public TimeSpan First { get; init; }

    public TimeSpan Last { get; init; }

    /// <summary>The same as the node says it had them; null: it says nothing.</summary>
    public (TimeSpan First, TimeSpan Last)? Claimed { get; init; }

    /// <summary>The tokens are the text's.</summary>
    public bool HasWholeTokens
    {
        get
        {
            var at = 0;
            foreach (var token in Tokens)
            {
                if (!Text.Span[at..].StartsWith(token.Bytes))
                {
                    return false;
                }

                at += token.Bytes.Length;
            }

            return Tokens.Count > 0 && at == Text.Length;
        }
    }

    // What a node answered must not end up in a log.
    public override string ToString() => $"answer of {Text.Length} bytes";
}

/// <param name="Bytes">Of its text.</param>
/// <param name="Logprob">Natural logarithm of its probability.</param>
/// <param name="Top">The likeliest at its place.</param>
internal sealed record ProbeToken(byte[] Bytes, double Logprob, IReadOnlyList<(byte[] Bytes, double Logprob)> Top)
{
    public override string ToString() => nameof(ProbeToken);
}
