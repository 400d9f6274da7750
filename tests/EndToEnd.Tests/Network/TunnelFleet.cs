namespace ComputeShare.EndToEnd.Tests.Network;

/// <summary>Three gateways and ten nodes that none of them can dial.</summary>
public sealed class TunnelFleet() : Cluster(new ClusterShape
{
    Gateways = 3,
    Schedulers = 1,
    Billings = 1,
    Nodes = 10,
    StartTogether = 4,
    NodeSettings = _ => new Dictionary<string, string>
    {
        ["Node__Transport"] = "tunnel",
        // Slow enough that two cores serve all slots at once.
        ["Engine__BuiltIn__TokensPerSecond"] = "4",
    },
});
