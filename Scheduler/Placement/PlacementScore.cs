using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>One quality of an offer among those on the shortlist, from 0 to 1, 1 = best.</summary>
/// <param name="Name">As explanations show it.</param>
/// <param name="Weight">Its part of the sum.</param>
/// <param name="Of">The score; the second argument is the best offer by static score.</param>
internal sealed record PlacementScore(string Name, double Weight, Func<NodeOffer, NodeOffer, double> Of);

internal static class PlacementScores
{
    /// <summary>The cheapest has 1, one of twice its price 0.5.</summary>
    public static readonly PlacementScore Price = new("price", 0.7, (offer, cheapest) =>
        offer.StaticScore > 0 ? cheapest.StaticScore / offer.StaticScore : 1);

    /// <summary>The free part of the node's slots.</summary>
    public static readonly PlacementScore Load = new("load", 0.3, (offer, _) =>
        offer.Node.Slots > 0 ? Math.Clamp(1 - ((double)offer.Node.SlotView.Taken / offer.Node.Slots), 0, 1) : 0);

    public static readonly PlacementScore[] All = [Price, Load];

    public static double Sum(NodeOffer offer, NodeOffer cheapest)
    {
        var sum = 0.0;
        foreach (var score in All)
        {
            sum += score.Weight * score.Of(offer, cheapest);
        }

        return sum;
    }
}
