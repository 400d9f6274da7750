using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>What the nodes that take work ask for each model, from the lowest to the highest: what a hoster sets its own price by.</summary>
internal sealed class PriceSpread(NodeRegistry registry)
{
    /// <param name="model">An id or alias; empty: every model.</param>
    public GetMarketReply Describe(string model)
    {
        var (index, now) = (registry.Index, registry.Now);
        IEnumerable<ModelEntry> asked = model.Length == 0 ? index.Models.Values.OrderBy(entry => entry.ModelId, StringComparer.Ordinal)
            : index.Find(model) is { } found ? [found]
            : [];
        return new GetMarketReply { Models = { asked.Select(entry => Describe(entry, now)).OfType<ModelMarket>() } };
    }

    private static ModelMarket? Describe(ModelEntry entry, TimeSpan now)
    {
        // A node that serves one model under two names asks one price for it.
        var prices = entry.Offers
            .Where(offer => offer.Node.IsLive(now) && !offer.Node.Draining && offer.Node is { CountsBarred: false, ProbesBarred: false })
            .DistinctBy(offer => offer.Node.NodeId)
            .Select(offer => offer.Prices)
            .ToArray();
        return prices.Length == 0 ? null : new ModelMarket
        {
            ModelId = entry.ModelId,
            Offers = (uint)prices.Length,
            InCatalogue = entry.InCatalogue,
            Input = Range(prices, price => price.Input),
            CachedInput = Range(prices, price => price.CachedInput),
            Output = Range(prices, price => price.Output),
        };
    }

    private static PriceRange Range(Prices[] prices, Func<Prices, long> part)
    {
        var sorted = prices.Select(part).Order().ToArray();
        var (lower, upper) = (sorted[(sorted.Length - 1) / 2], sorted[sorted.Length / 2]);
        return new PriceRange { Lowest = sorted[0], Median = lower + ((upper - lower) / 2), Highest = sorted[^1] };
    }
}
