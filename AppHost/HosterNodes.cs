using System.Globalization;

namespace ComputeShare.AppHost;

/// <summary>
/// The local topology's nodes: one per engine that COMPUTESHARE_ENGINE_URL lists, else three with the built-in one. Four slots each, or
/// fewer where the engine has fewer. They join the gateway by themselves, as anybody's would.
/// </summary>
internal static class HosterNodes
{
    private const string EnginesKey = "COMPUTESHARE_ENGINE_URL";
    private const int BuiltInNodes = 3;

    private const string Slots = "4";

    // All nodes share this machine's cores with everything else.
    private const string EngineThreads = "1";

    // Nano-dollars per million tokens: $0.05, $0.005 and $0.20.
    private const string InputPrice = "50000000";
    private const string CachedInputPrice = "5000000";
    private const string OutputPrice = "200000000";

    public static IReadOnlyList<IResourceBuilder<ProjectResource>> AddHosterNodes(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ParameterResource> hosterKey)
    {
        var engines = ReadEngines(builder.Configuration[EnginesKey] ?? "");
        return [.. engines.Select((engine, index) => builder.AddHosterNode(index + 1, engine, gateway, hosterKey))];
    }

    private static IResourceBuilder<ProjectResource> AddHosterNode(
        this IDistributedApplicationBuilder builder,
        int number,
        Uri? engine,
        IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ParameterResource> hosterKey)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"hoster-node-{number}");
        var node = builder.AddProject<Projects.HosterNode>(id, launchProfileName: null)
            .InDevelopment().WithHealth().WithInternalPort()
            .WithEnvironment("Node__Id", id)
            .WithEnvironment("Node__Transport", "direct")
            .WithEnvironment("Node__Gateways__0", gateway.GetEndpoint("http"))
            .WithEnvironment("Node__HosterKey", hosterKey)
            .WithEnvironment("Node__Slots", Slots)
            .WithEnvironment("Engine__BuiltIn__Threads", EngineThreads)
            .WithEnvironment("Node__Prices__Input", InputPrice)
            .WithEnvironment("Node__Prices__CachedInput", CachedInputPrice)
            .WithEnvironment("Node__Prices__Output", OutputPrice)
            .WaitFor(gateway);
        return engine is null ? node : node.WithEnvironment("Engine__Url", engine.AbsoluteUri);
    }

    /// <summary>An address per node; null is the built-in engine.</summary>
    private static Uri?[] ReadEngines(string list)
    {
        var addresses = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return addresses.Length == 0 ? new Uri?[BuiltInNodes] : Array.ConvertAll(addresses, ReadEngine);
    }

    private static Uri? ReadEngine(string address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        ? url
        : throw new StartupException($"{EnginesKey} must be http or https addresses of engines, with commas between them.");
}
