using System.Collections.Immutable;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>A model and the offers of it, in each order that a request may ask for. Immutable.</summary>
/// <param name="Best">By static score.</param>
/// <param name="Cheapest">By price.</param>
/// <param name="Promptest">By time to the first token.</param>
/// <param name="Fastest">By tokens per second.</param>
/// <param name="Parked">
/// Those whose node was full or cooling down when a decision stepped over it: in none of the orders until that may have changed, so that
/// a decision in a busy market does not walk past all that is taken.
/// </param>
internal sealed record ModelEntry(
    string ModelId,
    ImmutableSortedSet<NodeOffer> Best,
    ImmutableSortedSet<NodeOffer> Cheapest,
    ImmutableSortedSet<NodeOffer> Promptest,
    ImmutableSortedSet<NodeOffer> Fastest,
    ImmutableSortedSet<NodeOffer> Parked)
{
    public static ModelEntry Empty(string modelId) => new(
        modelId,
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByScore),
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByPrice),
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByLatency),
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByThroughput),
        ImmutableSortedSet.Create<NodeOffer>(OfferOrder.ByScore));

    /// <summary>All of them.</summary>
    public IEnumerable<NodeOffer> Offers => Parked.IsEmpty ? Best : Best.Concat(Parked);

    public bool IsEmpty => Best.IsEmpty && Parked.IsEmpty;

    /// <summary>The offer that speaks for the model: all of one model say the same of it, unless the catalogue just changed.</summary>
    public NodeOffer Any => Best.IsEmpty ? Parked[0] : Best[0];

    public bool InCatalogue => Any.InCatalogue;

    public ModelEntry Add(NodeOffer offer) => offer.Node.IsParked
        ? this with { Parked = Parked.Add(offer) }
        : this with { Best = Best.Add(offer), Cheapest = Cheapest.Add(offer), Promptest = Promptest.Add(offer), Fastest = Fastest.Add(offer) };

    public ModelEntry Remove(NodeOffer offer) => offer.Node.IsParked
        ? this with { Parked = Parked.Remove(offer) }
        : this with { Best = Best.Remove(offer), Cheapest = Cheapest.Remove(offer), Promptest = Promptest.Remove(offer), Fastest = Fastest.Remove(offer) };
}
