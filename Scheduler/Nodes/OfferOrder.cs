using ComputeShare.Scheduler.Placement;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>The orders that offers of a model are indexed by, best first. What nobody has measured comes last.</summary>
internal sealed class OfferOrder(Func<NodeOffer, double> key) : IComparer<NodeOffer>
{
    public static readonly OfferOrder ByScore = new(offer => -offer.StaticScore);

    public static readonly OfferOrder ByPrice = new(offer => StaticScores.Mixed(offer.Prices));

    public static readonly OfferOrder ByLatency = new(offer => offer.Measure.TtftMs > 0 ? offer.Measure.TtftMs : double.PositiveInfinity);

    public static readonly OfferOrder ByThroughput = new(offer => -offer.Measure.TokensPerSecond);

    /// <summary>Lower is better.</summary>
    public double Key(NodeOffer offer) => key(offer);

    public int Compare(NodeOffer? x, NodeOffer? y)
    {
        var order = key(x!).CompareTo(key(y!));
        order = order != 0 ? order : y!.StaticScore.CompareTo(x!.StaticScore);
        order = order != 0 ? order : string.CompareOrdinal(x!.Node.NodeId, y!.Node.NodeId);
        return order != 0 ? order : string.CompareOrdinal(x!.LocalModel, y!.LocalModel);
    }
}
