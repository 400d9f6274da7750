using System.Net;
using ComputeShare.TestSupport.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>YARP, passing everything through to the engine.</summary>
internal sealed class YarpPeer : IAsyncDisposable
{
    public const string Role = "gateway-yarp";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly LocalProcess _process;

    private YarpPeer(LocalProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public TimeSpan ProcessorTime => _process.ProcessorTime;

    /// <param name="engine">Where the requests go.</param>
    /// <param name="cores">Which it may run on.</param>
    /// <param name="isPlain">As it comes; else with the settings that our services give the runtime.</param>
    public static async Task<YarpPeer> StartAsync(Uri engine, string cores, bool isPlain)
    {
        var (process, address) = await ChildServer.StartAsync(Role, [engine.ToString()], StartLimit, cores, isPlain);
        return new YarpPeer(process, address);
    }

    /// <summary>What the process does.</summary>
    public static async Task RunAsync(int port, string engine)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "engine", Match = new RouteMatch { Path = "{**all}" } }],
            [new ClusterConfig { ClusterId = "engine", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = engine } } }]);
        await using var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
