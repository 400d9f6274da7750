using System.Globalization;

namespace ComputeShare.AppHost;

/// <summary>The demonstration's nodes: the built-in engine, four slots each, known to the gateway by configuration.</summary>
internal static class HosterNodes
{
    public const int Count = 3;

    // The hoster account that `Billing -- migrate` makes in development.
    private const string Hoster = "demo-hoster";
    private const string Slots = "4";

    // All nodes share this machine's cores with everything else.
    private const string EngineThreads = "1";

    // Nano-dollars per million tokens: $0.05, $0.005 and $0.20.
    private const string InputPrice = "50000000";
    private const string CachedInputPrice = "5000000";
    private const string OutputPrice = "200000000";

    public static HosterNode AddHosterNode(this IDistributedApplicationBuilder builder, string id)
    {
        var dialToken = builder.AddParameter($"{id}-dial-token", LocalData.NewSecret(), secret: true);
        var service = builder.AddProject<Projects.HosterNode>(id, launchProfileName: null)
            .InDevelopment().WithHealth().WithInternalPort()
            .WithEnvironment("Node__Id", id)
            .WithEnvironment("Node__DialToken", dialToken)
            .WithEnvironment("Node__Slots", Slots)
            .WithEnvironment("Engine__BuiltIn__Threads", EngineThreads)
            .WithEnvironment("Node__Prices__Input", InputPrice)
            .WithEnvironment("Node__Prices__CachedInput", CachedInputPrice)
            .WithEnvironment("Node__Prices__Output", OutputPrice);
        return new HosterNode(id, service, dialToken);
    }

    public static void WithNode(this IResourceBuilder<ProjectResource> gateway, int index, HosterNode node)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"Nodes__{index}__");
        gateway
            .WithEnvironment(prefix + "Id", node.Id)
            .WithEnvironment(prefix + "Address", node.Service.GetEndpoint("http"))
            .WithEnvironment(prefix + "DialToken", node.DialToken)
            .WithEnvironment(prefix + "Hoster", Hoster)
            .WaitFor(node.Service);
    }
}

internal sealed record HosterNode(string Id, IResourceBuilder<ProjectResource> Service, IResourceBuilder<ParameterResource> DialToken);
