using System.Globalization;
using System.Text.Json;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Sdk;

/// <summary>The programs of <c>node/</c>, each run once; every case of theirs is a test here.</summary>
public sealed class NodeClients(Marketplace marketplace) : IAsyncLifetime
{
    private const int RequestsPerMinute = 60;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, IReadOnlyDictionary<string, string?>> _results = [];

    public async ValueTask InitializeAsync()
    {
        var accounts = new Accounts(marketplace);
        var keys = await Task.WhenAll(
            accounts.CreateAsync("poor", dollars: 0),
            accounts.CreateAsync("one-model", dollars: 1, models: "auto,computeshare/tiny"),
            accounts.CreateAsync("limited", dollars: 1, requestsPerMinute: RequestsPerMinute));
        foreach (var program in new[] { "openai", "ai-sdk" })
        {
            _results[program] = await RunAsync(program, keys);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>By case: null, or why it failed.</summary>
    public IReadOnlyDictionary<string, string?> ResultsOf(string program) => _results[program];

    private async Task<IReadOnlyDictionary<string, string?>> RunAsync(string program, string[] keys)
    {
        var results = new Dictionary<string, string?>();
        await using var node = LocalProcess.Start(
            "node",
            [Repository.PathOf("tests", "EndToEnd.Tests", "node", $"{program}.mjs")],
            new Dictionary<string, string?>
            {
                ["BASE_URL"] = marketplace.Gateway.AbsoluteUri.TrimEnd('/'),
                ["API_KEY"] = marketplace.ApiKey,
                ["KEY_WITHOUT_CREDIT"] = keys[0],
                ["KEY_OF_ONE_MODEL"] = keys[1],
                ["LIMITED_KEY"] = keys[2],
                ["REQUESTS_PER_MINUTE"] = RequestsPerMinute.ToString(CultureInfo.InvariantCulture),
            });
        await node.WaitForLineAsync(line => line.StartsWith("{\"end\"", StringComparison.Ordinal), Limit, TestContext.Current.CancellationToken);
        foreach (var line in node.Output.Split('\n').Where(line => line.StartsWith("{\"case\"", StringComparison.Ordinal)))
        {
            var result = JsonDocument.Parse(line).RootElement;
            results.Add(
                result.GetProperty("case").GetString()!,
                result.GetProperty("passed").GetBoolean() ? null : result.GetProperty("error").GetString());
        }

        return results;
    }
}
