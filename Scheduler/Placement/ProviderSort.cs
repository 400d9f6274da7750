using System.Collections.Immutable;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>What <c>provider.sort</c> and the policy of <c>auto</c> may ask for.</summary>
internal static class ProviderSort
{
    public const string Price = "price";
    public const string Throughput = "throughput";
    public const string Latency = "latency";
    public const string Quality = "quality";

    /// <summary>The model's offers in that order; null for names that are no order of nodes, such as <c>quality</c>.</summary>
    public static ImmutableSortedSet<NodeOffer>? OrderOf(ModelEntry model, string name) => name switch
    {
        Price => model.Cheapest,
        Throughput => model.Fastest,
        Latency => model.Promptest,
        _ => null,
    };
}
