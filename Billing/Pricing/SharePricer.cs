using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Pricing;

/// <summary>Finds the prices of shares, and refuses shares that no lease can have led to.</summary>
internal sealed class SharePricer(PriceList prices)
{
    // A request has three attempts, or a few nodes that continued each other; a list longer than this is a mistake.
    private const int MaxShares = 16;

    /// <summary>The priced shares, or the sentence that says why there are none.</summary>
    public async ValueTask<(IReadOnlyList<PricedShare> Shares, string? Wrong)> PriceAsync(
        IReadOnlyList<Share> shares, CancellationToken cancellationToken)
    {
        if (shares.Count > MaxShares)
        {
            return ([], $"A request has at most {MaxShares} shares.");
        }

        var priced = new List<PricedShare>(shares.Count);
        foreach (var share in shares)
        {
            var price = await prices.FindAsync(share.PriceId, cancellationToken);
            if (price is null)
            {
                return ([], "A share's price is unknown.");
            }

            if (price.NodeId != share.NodeId)
            {
                return ([], "A share's price is another node's.");
            }

            priced.Add(new PricedShare(share, price));
        }

        return (priced, null);
    }
}
