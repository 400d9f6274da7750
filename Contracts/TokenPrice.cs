namespace ComputeShare.Contracts;

/// <summary>What a million tokens cost, in nano-dollars, 0 or more each.</summary>
/// <param name="Input">Prompt tokens that the engine had to read.</param>
/// <param name="CachedInput">Prompt tokens that the engine had in its cache.</param>
/// <param name="Output">Delivered completion tokens.</param>
public readonly record struct TokenPrice(long Input, long CachedInput, long Output)
{
    private const int TokensPerPrice = 1_000_000;

    /// <summary>
    /// The price of the counts, rounded up once: ceil(Σ count × price / 10⁶), exact in <see cref="Int128"/> (DESIGN.md §6).
    /// </summary>
    /// <exception cref="OverflowException">The amount does not fit <see cref="Money"/>.</exception>
    public Money AmountFor(TokenCounts counts) => RoundedUp(ExactFor(counts));

    /// <summary>The price of a request that several nodes served: the whole sum is rounded up once, not each share.</summary>
    /// <exception cref="OverflowException">The amount does not fit <see cref="Money"/>.</exception>
    public static Money AmountFor(IEnumerable<(TokenPrice Price, TokenCounts Counts)> shares) =>
        RoundedUp(shares.Aggregate(Int128.Zero, (sum, share) => checked(sum + share.Price.ExactFor(share.Counts))));

    /// <summary>The price of the counts before rounding, in millionths of a nano-dollar: the weight of a share.</summary>
    public Int128 ExactFor(TokenCounts counts) =>
        ((Int128)counts.Prompt * Input) + ((Int128)counts.Cached * CachedInput) + ((Int128)counts.Completion * Output);

    private static Money RoundedUp(Int128 millionths) =>
        new(checked((long)((millionths + (TokensPerPrice - 1)) / TokensPerPrice)));
}

/// <summary>Counted tokens of one request, or of one node's share of it.</summary>
/// <param name="Prompt">Prompt tokens without the cached ones.</param>
/// <param name="Cached">Prompt tokens from the engine's cache.</param>
/// <param name="Completion">Delivered tokens, all choices together.</param>
public readonly record struct TokenCounts(uint Prompt, uint Cached, uint Completion);
