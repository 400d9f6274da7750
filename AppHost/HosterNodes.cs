namespace ComputeShare.AppHost;

/// <summary>The demonstration's nodes: the built-in engine, four slots each. They join the gateway by themselves, as anybody's would.</summary>
internal static class HosterNodes
{
    public const int Count = 3;

    private const string Slots = "4";

    // All nodes share this machine's cores with everything else.
    private const string EngineThreads = "1";

    // Nano-dollars per million tokens: $0.05, $0.005 and $0.20.
    private const string InputPrice = "50000000";
    private const string CachedInputPrice = "5000000";
    private const string OutputPrice = "200000000";

    public static IResourceBuilder<ProjectResource> AddHosterNode(
        this IDistributedApplicationBuilder builder,
        string id,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ParameterResource> hosterKey) => builder
        .AddProject<Projects.HosterNode>(id, launchProfileName: null)
        .InDevelopment().WithHealth().WithInternalPort()
        .WithEnvironment("Node__Id", id)
        .WithEnvironment("Node__Gateways__0", gateway.GetEndpoint("http"))
        .WithEnvironment("Node__HosterKey", hosterKey)
        .WithEnvironment("Node__Slots", Slots)
        .WithEnvironment("Engine__BuiltIn__Threads", EngineThreads)
        .WithEnvironment("Node__Prices__Input", InputPrice)
        .WithEnvironment("Node__Prices__CachedInput", CachedInputPrice)
        .WithEnvironment("Node__Prices__Output", OutputPrice)
        .WaitFor(gateway);
}
