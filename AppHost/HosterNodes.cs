using System.Globalization;

namespace ComputeShare.AppHost;

/// <summary>
/// The local topology's nodes, known to the gateway by configuration: one per engine that COMPUTESHARE_ENGINE_URL lists, else three with
/// the built-in one. Four slots each, or fewer where the engine has fewer.
/// </summary>
internal static class HosterNodes
{
    private const string EnginesKey = "COMPUTESHARE_ENGINE_URL";
    private const int BuiltInNodes = 3;

    // The hoster account that `Billing -- migrate` makes in development.
    private const string Hoster = "demo-hoster";
    private const string Slots = "4";

    // All nodes share this machine's cores with everything else.
    private const string EngineThreads = "1";

    // Nano-dollars per million tokens: $0.05, $0.005 and $0.20.
    private const string InputPrice = "50000000";
    private const string CachedInputPrice = "5000000";
    private const string OutputPrice = "200000000";

    public static IReadOnlyList<HosterNode> AddHosterNodes(this IDistributedApplicationBuilder builder)
    {
        var engines = ReadEngines(builder.Configuration[EnginesKey] ?? "");
        return [.. engines.Select((engine, index) => builder.AddHosterNode(string.Create(CultureInfo.InvariantCulture, $"hoster-node-{index + 1}"), engine))];
    }

    private static HosterNode AddHosterNode(this IDistributedApplicationBuilder builder, string id, Uri? engine)
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
        if (engine is not null)
        {
            service.WithEnvironment("Engine__Url", engine.AbsoluteUri);
        }

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

internal sealed record HosterNode(string Id, IResourceBuilder<ProjectResource> Service, IResourceBuilder<ParameterResource> DialToken);
