using ComputeShare.Contracts;
using ComputeShare.HosterNode.Reporting;

namespace ComputeShare.HosterNode.Joining;

/// <summary>What a model could cost here: what its hoster says, else the middle of the market, else what a small model costs elsewhere.</summary>
internal static class PriceProposals
{
    // Dollars per million tokens, those of the nodes of ./run. A hoster that knows better says so.
    private static readonly OfferedModel Unknown = new(
        "", Money.FromDollars(0.05m).NanoDollars, Money.FromDollars(0.005m).NanoDollars, Money.FromDollars(0.20m).NanoDollars);

    // Where only the price of the input was said: reading from the cache costs next to nothing.
    private const int CachedShare = 10;

    public static PriceProposal Propose(string model, MarketPrices? market, JoinWishes wishes)
    {
        var proposed = market is null ? Unknown : new OfferedModel("", market.Input, market.CachedInput, market.Output);
        var cached = wishes.CachedInput ?? wishes.Input / CachedShare ?? proposed.CachedInput;
        var offered = new OfferedModel(model, wishes.Input ?? proposed.Input, cached, wishes.Output ?? proposed.Output);
        var isSaid = wishes is { Input: not null, Output: not null };
        var source = isSaid ? "as you said"
            : market is null ? "a first guess: nobody offers it"
            : market.Offers == 1 ? "as the one other offer" : $"middle of {market.Offers} offers";
        return new PriceProposal(offered, source);
    }
}

/// <param name="Source">Where it comes from, for people.</param>
internal sealed record PriceProposal(OfferedModel Model, string Source);
