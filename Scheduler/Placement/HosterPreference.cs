using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>
/// Wishes about hosters that do not forbid any: all offers of a lower tier are used up before one of a higher tier is. A hoster with a
/// failed attempt comes after all others; among the rest the caller's order counts.
/// </summary>
internal static class HosterPreference
{
    public const int BestTier = 0;

    public static int TierOf(PlacementQuestion question, NodeOffer offer)
    {
        var order = question.Provider.Order;
        var place = 0;
        while (place < order.Count && !PlacementFilters.Is(offer.Node, order[place]))
        {
            place++;
        }

        return question.Request.ExcludeHosters.Contains(offer.Node.HosterId) ? place + order.Count + 1 : place;
    }

}
