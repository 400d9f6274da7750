using System.Collections.Immutable;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>The offers that a pick is made among: the best that fit, by static score, all of the best tier there is.</summary>
internal static class Shortlist
{
    /// <summary>
    /// More do not make the pick better (two of them are compared), and fewer would send all requests to the same few nodes.
    /// </summary>
    public const int Length = 16;

    /// <param name="spread">Points by which those after the first may be worse than it.</param>
    public static List<NodeOffer> Of(PlacementQuestion question, ModelEntry model, double spread) => Of(question, model.Best, Length, spread);

    /// <summary>The first that fits in an order of the index.</summary>
    public static NodeOffer? First(PlacementQuestion question, ImmutableSortedSet<NodeOffer> order) =>
        Of(question, order, 1, double.PositiveInfinity) is [var first, ..] ? first : null;

    private static List<NodeOffer> Of(PlacementQuestion question, ImmutableSortedSet<NodeOffer> order, int length, double spread)
    {
        var best = new List<NodeOffer>(length);
        var bestTier = int.MaxValue;
        foreach (var offer in order)
        {
            var enough = best.Count > 0 && (best.Count == length || offer.StaticScore < best[0].StaticScore - spread);
            if (enough && bestTier == HosterPreference.BestTier)
            {
                break;
            }

            var tier = HosterPreference.TierOf(question, offer);
            if (tier > bestTier || (tier == bestTier && enough))
            {
                continue;
            }

            if (PlacementFilters.FirstAgainst(question, offer) is { } against)
            {
                if (PlacementFilters.IsForAWhile(against))
                {
                    question.StepOver(offer.Node, ((OfferOrder)order.KeyComparer).Flag);
                }

                continue;
            }

            if (tier < bestTier)
            {
                best.Clear();
                bestTier = tier;
            }

            best.Add(offer);
        }

        return best;
    }
}
