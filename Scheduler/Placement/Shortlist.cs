using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>The offers that a pick is made among: the best that fit, by static score, all of the best tier there is.</summary>
internal static class Shortlist
{
    /// <summary>
    /// More do not make the pick better (two of them are compared), and fewer would send all requests to the same few nodes.
    /// </summary>
    public const int Length = 16;

    public static List<NodeOffer> Of(PlacementQuestion question, ModelEntry model) => Of(question, model, Length);

    /// <summary>All that fit, for orders that the index does not have.</summary>
    public static List<NodeOffer> Whole(PlacementQuestion question, ModelEntry model) => Of(question, model, int.MaxValue);

    public static NodeOffer? First(PlacementQuestion question, ModelEntry model) => Of(question, model, 1).FirstOrDefault();

    private static List<NodeOffer> Of(PlacementQuestion question, ModelEntry model, int length)
    {
        var best = new List<NodeOffer>(Math.Min(length, Length));
        var bestTier = int.MaxValue;
        foreach (var offer in model.Offers)
        {
            var tier = HosterPreference.TierOf(question, offer);
            if (tier > bestTier || (tier == bestTier && best.Count == length) || PlacementFilters.FirstAgainst(question, offer) is not null)
            {
                continue;
            }

            if (tier < bestTier)
            {
                best.Clear();
                bestTier = tier;
            }

            best.Add(offer);
            if (bestTier == HosterPreference.BestTier && best.Count == length)
            {
                break;
            }
        }

        return best;
    }
}
