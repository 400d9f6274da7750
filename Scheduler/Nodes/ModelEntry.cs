using System.Collections.Immutable;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>A model and the offers of it, best static score first. Immutable.</summary>
internal sealed record ModelEntry(string ModelId, ImmutableSortedSet<NodeOffer> Offers)
{
    public static ModelEntry Empty(string modelId) => new(modelId, ImmutableSortedSet.Create<NodeOffer>(ByStaticScore.Instance));

    /// <summary>The offer that speaks for the model: all of one model say the same of it, unless the catalogue just changed.</summary>
    public NodeOffer Any => Offers[0];

    public bool InCatalogue => Any.InCatalogue;

    private sealed class ByStaticScore : IComparer<NodeOffer>
    {
        public static readonly ByStaticScore Instance = new();

        public int Compare(NodeOffer? x, NodeOffer? y)
        {
            var order = x!.StaticScore.CompareTo(y!.StaticScore);
            order = order != 0 ? order : string.CompareOrdinal(x.Node.NodeId, y.Node.NodeId);
            return order != 0 ? order : string.CompareOrdinal(x.LocalModel, y.LocalModel);
        }
    }
}
