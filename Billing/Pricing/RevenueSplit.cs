using System.Numerics;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Pricing;

/// <summary>
/// Who gets an amount: the platform floor(amount × basis points / 10,000), the hosters the rest, in proportion to what their shares
/// cost, by largest remainder; equal remainders go to the earlier share. What goes out is exactly what came in.
/// </summary>
internal sealed record RevenueSplit(Money Fee, IReadOnlyList<Money> Hosters)
{
    public const int BasisPoints = 10_000;

    /// <param name="amount">0 or more.</param>
    /// <param name="feeBasisPoints">0 to 10,000.</param>
    /// <param name="weights">One per share, 0 or more; at least one above 0 when the amount is.</param>
    public static RevenueSplit Of(Money amount, int feeBasisPoints, IReadOnlyList<Int128> weights)
    {
        var fee = new Money((long)((Int128)amount.NanoDollars * feeBasisPoints / BasisPoints));
        return new RevenueSplit(fee, ByLargestRemainder(amount - fee, weights));
    }

    private static Money[] ByLargestRemainder(Money rest, IReadOnlyList<Int128> weights)
    {
        // A weight times an amount does not fit 128 bits.
        var total = weights.Aggregate(BigInteger.Zero, (sum, weight) => sum + weight);
        var parts = new Money[weights.Count];
        if (total.IsZero)
        {
            return parts;
        }

        var remainders = new BigInteger[weights.Count];
        var left = rest;
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = new Money((long)BigInteger.DivRem(rest.NanoDollars * (BigInteger)weights[i], total, out remainders[i]));
            left -= parts[i];
        }

        foreach (var i in Enumerable.Range(0, parts.Length).OrderByDescending(i => remainders[i]).Take((int)left.NanoDollars))
        {
            parts[i] += new Money(1);
        }

        return parts;
    }
}
