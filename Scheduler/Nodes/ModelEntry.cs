using System.Collections.Immutable;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// A model and the offers of it, in each order that a request may ask for. Immutable. Offers whose node was full or cooling down when a
/// decision stepped over it are parked: left out of the order that the decision walked until that may have changed, so that a decision in a
/// busy market does not walk past all that is taken.
/// </summary>
/// <param name="Offers">All of them, parked or not, by static score.</param>
/// <param name="Best">By static score.</param>
/// <param name="Cheapest">By price.</param>
/// <param name="Promptest">By time to the first token.</param>
/// <param name="Fastest">By tokens per second.</param>
internal sealed record ModelEntry(
    string ModelId,
    ImmutableSortedSet<NodeOffer> Offers,
    ImmutableSortedSet<NodeOffer> Best,
    ImmutableSortedSet<NodeOffer> Cheapest,
    ImmutableSortedSet<NodeOffer> Promptest,
    ImmutableSortedSet<NodeOffer> Fastest)
{
    public static ModelEntry Empty(string modelId) => new(
        modelId,
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByScore),
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByScore),
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByPrice),
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByLatency),
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByThroughput));

    public bool IsEmpty => Offers.IsEmpty;

    /// <summary>The offer that speaks for the model: all of one model say the same of it, unless the catalogue just changed.</summary>
    public NodeOffer Any => Offers[0];

    public bool InCatalogue => Any.InCatalogue;

    public ModelEntry Add(NodeOffer offer, OfferOrders parkedIn) =>
        (this with { Offers = Offers.Add(offer) }).Change(OfferOrders.All & ~parkedIn, order => order.Add(offer));

    public ModelEntry Remove(NodeOffer offer) =>
        (this with { Offers = Offers.Remove(offer) }).Change(OfferOrders.All, order => order.Remove(offer));

    // Many at once share the tree's upper nodes, which single ones would each copy.
    public ModelEntry Park(IEnumerable<NodeOffer> offers, OfferOrders orders) => Change(orders, order => order.Except(offers));

    public ModelEntry Unpark(IEnumerable<NodeOffer> offers, OfferOrders orders) => Change(orders, order => order.Union(offers));

    private ModelEntry Change(OfferOrders orders, Func<ImmutableSortedSet<NodeOffer>, ImmutableSortedSet<NodeOffer>> change) => this with
    {
        Best = orders.HasFlag(OfferOrders.Score) ? change(Best) : Best,
        Cheapest = orders.HasFlag(OfferOrders.Price) ? change(Cheapest) : Cheapest,
        Promptest = orders.HasFlag(OfferOrders.Latency) ? change(Promptest) : Promptest,
        Fastest = orders.HasFlag(OfferOrders.Throughput) ? change(Fastest) : Fastest,
    };
}
