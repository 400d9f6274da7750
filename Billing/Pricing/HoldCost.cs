using ComputeShare.Contracts;

namespace ComputeShare.Billing.Pricing;

/// <summary>What must be held for a request before anybody knows how much of its prompt an engine has in its cache.</summary>
internal static class HoldCost
{
    public static Money Of(TokenPrice price, uint promptTokens, uint completionTokens) =>
        AtTheDearerInput(price).AmountFor(new TokenCounts(promptTokens, 0, completionTokens));

    /// <summary>
    /// The most completion tokens, up to <paramref name="wanted"/>, whose hold the money covers; null when it does not cover the prompt.
    /// </summary>
    public static uint? CoveredBy(Money available, TokenPrice price, uint promptTokens, uint wanted)
    {
        // In millionths of a nano-dollar: rounding up after the sum is then the same as comparing before it.
        var prompt = AtTheDearerInput(price).ExactFor(new TokenCounts(promptTokens, 0, 0));
        var left = ((Int128)available.NanoDollars * 1_000_000) - prompt;
        if (left < 0)
        {
            return null;
        }

        return price.Output == 0 ? wanted : (uint)Int128.Min(wanted, left / price.Output);
    }

    private static TokenPrice AtTheDearerInput(TokenPrice price) => price with { Input = Math.Max(price.Input, price.CachedInput) };
}
