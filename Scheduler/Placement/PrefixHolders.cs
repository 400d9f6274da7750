using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>The offers of nodes that hold the prompt's prefix, as far as they fit and no wish about hosters stands against them.</summary>
internal static class PrefixHolders
{
    private static readonly List<NodeOffer> None = [];

    /// <param name="shortlist">Not empty.</param>
    public static List<NodeOffer> Of(PlacementQuestion question, ModelEntry model, List<NodeOffer> shortlist)
    {
        var holders = None;
        foreach (var holder in question.Holders)
        {
            foreach (var offer in question.Index.Nodes.GetValueOrDefault(holder.NodeId)?.Offers ?? [])
            {
                if (offer.ModelId == model.ModelId
                    && HosterPreference.TierOf(question, offer) <= HosterPreference.TierOf(question, shortlist[0])
                    && PlacementFilters.FirstAgainst(question, offer) is null)
                {
                    (holders = holders.Count == 0 ? [] : holders).Add(offer);
                }
            }
        }

        return holders;
    }
}
