using System.Net;
using ComputeShare.TestSupport.Processes;
using Microsoft.AspNetCore.Builder;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>The real node, in this process, with no port but its health's: it opens tunnels to the given gateways.</summary>
internal sealed class TunnelledNode : IAsyncDisposable
{
    public const string Model = "computeshare/tiny";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly WebApplication _app;

    private TunnelledNode(string id, WebApplication app) => (Id, _app) = (id, app);

    public string Id { get; }

    public IServiceProvider Services => _app.Services;

    public IReadOnlyCollection<string> Addresses => [.. _app.Urls];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Returns when it listens; it may not have reached anybody yet.</summary>
    public static async Task<TunnelledNode> StartAsync(string id, string hosterKey, IEnumerable<Uri> gateways, params string[] settings)
    {
        string[] arguments =
        [
            "--environment=Development", "--Ports:Health=0", $"--Node:Id={id}", $"--Node:HosterKey={hosterKey}", "--Node:LongestJoinPause=00:00:01",
            "--Node:DrainTimeout=00:00:05", "--Node:Prices:Input=50000000", "--Node:Prices:CachedInput=5000000", "--Node:Prices:Output=200000000",
            "--Engine:BuiltIn:Threads=1", "--Logging:LogLevel:Default=None",
            .. gateways.Select((gateway, index) => $"--Node:Gateways:{index}={gateway}"), .. settings,
        ];
        var app = HosterNode.Program.Build(arguments);
        await app.StartAsync(Token);
        return new TunnelledNode(id, app);
    }

    public Task UntilHealthyAsync() => Poll.UntilAsync($"{Id} is healthy", IsHealthyAsync, Limit, Token);

    public async Task<bool> IsHealthyAsync()
    {
        using var client = new HttpClient();
        using var health = await client.GetAsync(new Uri(new Uri(_app.Urls.First()), "/health"), Token);
        return health.StatusCode == HttpStatusCode.OK;
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }
}
