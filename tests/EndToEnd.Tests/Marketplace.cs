using System.Text.Json;
using ComputeShare.EndToEnd.Tests;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

[assembly: AssemblyFixture(typeof(Marketplace))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ComputeShare.EndToEnd.Tests;

/// <summary>
/// The whole product, once for all tests: the AppHost as a process, as an operator starts it, with a data folder of its own and a
/// free port.
/// </summary>
public sealed class Marketplace : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("computeshare-e2e-");
    private LocalProcess _appHost = null!;
    private JsonElement _dashboard;

    /// <summary>Ends in /v1, as an SDK's base_url.</summary>
    public Uri Gateway { get; private set; } = null!;

    public string ApiKey { get; private set; } = "";

    /// <summary>What a node of the demo hoster joins with.</summary>
    public string HosterKey { get; private set; } = "";

    public string CurlLine { get; private set; } = "";

    /// <summary>The page that the AppHost printed.</summary>
    public Uri Dashboard { get; private set; } = null!;

    public string BillingDatabase { get; private set; } = "";

    /// <summary>Everything that outlives a run is in it.</summary>
    public string DataFolder => _data.FullName;

    public string Output => _appHost.Output;

    public async ValueTask InitializeAsync()
    {
        _appHost = LocalProcess.Start(
            "dotnet",
            [BuiltAppHost()],
            new Dictionary<string, string?> { ["Data__Folder"] = _data.FullName, ["Gateway__Port"] = "0" });
        Gateway = new Uri(await ValueOfLineAsync("Gateway:"));
        ApiKey = await ValueOfLineAsync("API key:");
        Dashboard = new Uri(await ValueOfLineAsync("Dashboard:"));
        CurlLine = await _appHost.WaitForLineAsync(line => line.StartsWith("curl ", StringComparison.Ordinal), StartLimit, default);
        BillingDatabase = await File.ReadAllTextAsync(Path.Combine(_data.FullName, "billing-connection"));
        HosterKey = await File.ReadAllTextAsync(Path.Combine(_data.FullName, "demo-hoster-key"));
        _dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_data.FullName, "dashboard.json"))).RootElement;
    }

    /// <summary>A client with the demo key; its addresses are below <see cref="Gateway"/>.</summary>
    public HttpClient CreateClient()
    {
        var client = new HttpClient { BaseAddress = new Uri(Gateway.AbsoluteUri.TrimEnd('/') + "/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", ApiKey);
        return client;
    }

    /// <summary>A client of the dashboard's telemetry API.</summary>
    public HttpClient CreateTelemetryClient()
    {
        var client = new HttpClient { BaseAddress = new Uri(_dashboard.GetProperty("frontend").GetString()!) };
        client.DefaultRequestHeaders.Add("x-api-key", _dashboard.GetProperty("apiKey").GetString());
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _appHost.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private static string BuiltAppHost() => Repository.PathOf("AppHost", "bin", "Debug", "net10.0", "ComputeShare.AppHost.dll");

    private async Task<string> ValueOfLineAsync(string label)
    {
        var line = await _appHost.WaitForLineAsync(line => line.StartsWith(label, StringComparison.Ordinal), StartLimit, default);
        return line[label.Length..].Trim();
    }
}
