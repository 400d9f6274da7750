using System.Text.Json;

namespace ComputeShare.AppHost;

/// <summary>Says where everything is, once the last node is ready: all else is then.</summary>
internal static class Announcement
{
    private const string DashboardUrlKey = "ASPNETCORE_URLS";
    private const string OtlpUrlKey = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";

    // Aspire's own keys: it fills them when the builder is made.
    private const string BrowserTokenKey = "AppHost:BrowserToken";
    private const string OtlpApiKeyKey = "AppHost:OtlpApiKey";
    private const string DashboardApiKeyKey = "AppHost:DashboardApiKey";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Free ports, unless a launch profile or the environment names some.</summary>
    public static void ChooseDashboardAddresses(this IDistributedApplicationBuilder builder)
    {
        builder.Configuration[DashboardUrlKey] ??= $"http://localhost:{LocalPorts.TakeFree()}";
        builder.Configuration[OtlpUrlKey] ??= $"http://localhost:{LocalPorts.TakeFree()}";
    }

    public static void AnnounceWhenReady(
        this IResourceBuilder<ProjectResource> gateway,
        IReadOnlyCollection<IResourceBuilder<ProjectResource>> nodes,
        LocalData data,
        IResourceBuilder<IResourceWithConnectionString> database)
    {
        var configuration = gateway.ApplicationBuilder.Configuration;
        var notReady = nodes.Count;
        foreach (var node in nodes)
        {
            node.OnResourceReady(async (_, _, cancellationToken) =>
            {
                if (Interlocked.Decrement(ref notReady) == 0)
                {
                    await AnnounceAsync(cancellationToken);
                }
            });
        }

        async Task AnnounceAsync(CancellationToken cancellationToken)
        {
            var dashboard = configuration[DashboardUrlKey]!.Split(';')[0].TrimEnd('/');
            var baseUrl = $"{gateway.GetEndpoint("http").Url}/v1";
            // For tests and tools that look into the ledger and read traces back.
            data.Write("billing-connection", await database.Resource.GetConnectionStringAsync(cancellationToken) ?? "");
            data.Write("dashboard.json", JsonSerializer.Serialize(
                new DashboardAccess(dashboard, configuration[DashboardApiKeyKey]!, configuration[OtlpUrlKey]!, configuration[OtlpApiKeyKey]!),
                Json));
            Console.Out.WriteLine(Text(baseUrl, data.DemoKey(), $"{dashboard}/login?t={configuration[BrowserTokenKey]}"));
        }
    }

    private static string Text(string baseUrl, string key, string dashboard) => $$"""

        Gateway:   {{baseUrl}}
        API key:   {{key}}
        Dashboard: {{dashboard}}

        curl -N {{baseUrl}}/chat/completions -H 'Authorization: Bearer {{key}}' -H 'Content-Type: application/json' -d '{"model":"auto","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

        """;

    private sealed record DashboardAccess(string Frontend, string ApiKey, string Otlp, string OtlpApiKey);
}
