using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>What <c>provider.sort</c> and the policy of <c>auto</c> may ask for. What was not measured comes last.</summary>
internal static class ProviderSort
{
    public const string Price = "price";
    public const string Throughput = "throughput";
    public const string Latency = "latency";

    /// <summary>Lower is better; null for names that are no order of nodes.</summary>
    public static Func<NodeOffer, double>? Order(string name) => name switch
    {
        Price => offer => offer.StaticScore,
        Throughput => offer => -offer.TokensPerSecond,
        Latency => offer => offer.TtftMs > 0 ? offer.TtftMs : double.PositiveInfinity,
        _ => null,
    };
}
