using ComputeShare.Scheduler.Placement;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>The orders that offers of a model are indexed by, best first. What nobody has measured comes last.</summary>
/// <param name="flag">Its own.</param>
/// <param name="key">What it sorts by; lower is better.</param>
internal sealed class OfferOrder(OfferOrders flag, Func<NodeOffer, double> key) : IComparer<NodeOffer>
{
    public static readonly OfferOrder ByScore = new(OfferOrders.Score, offer => -offer.StaticScore);

    public static readonly OfferOrder ByPrice = new(OfferOrders.Price, offer => StaticScores.Mixed(offer.Prices));

    public static readonly OfferOrder ByLatency = new(OfferOrders.Latency, offer => offer.Measure.TtftMs > 0 ? offer.Measure.TtftMs : double.PositiveInfinity);

    public static readonly OfferOrder ByThroughput = new(OfferOrders.Throughput, offer => -offer.Measure.TokensPerSecond);

    public OfferOrders Flag => flag;

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
