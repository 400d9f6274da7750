using System.Net.Http.Json;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Money;

/// <summary>
/// Strangers' nodes as processes, probed by a real gateway: one serves the model, one the model in another precision, one another model under
/// its name. It alone is found, gets no more work, and its hoster's escrow stays.
/// </summary>
[Trait("Category", "Integration")]
public sealed class ProbesTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly DirectoryInfo _models = Directory.CreateTempSubdirectory("computeshare-models-");
    private readonly ProbedCluster _market = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _market.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _market.DisposeAsync();
        _models.Delete(recursive: true);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task Strangers_OfWhomOneServesAnotherModel_ItAloneIsFoundAndGetsNoMoreWork()
    {
        await using var honest = await _market.JoinAsync("honest", 2, Model(0), Token);
        await using var rounded = await _market.JoinAsync("rounded", 3, Model(3), Token);
        await using var other = await _market.JoinAsync("other", 4, Model(9), Token);

        await Poll.UntilAsync(
            "the other model is barred, and the honest ones were looked at as long",
            async () => await _market.Books.ProbesAsync(Token) is { Count: 3 } probes && probes["other"].Barred && probes["honest"].Probes >= 16 && probes["rounded"].Probes >= 16,
            Limit,
            Token);

        var found = await _market.Books.ProbesAsync(Token);
        Assert.Equal((0, 0L), (found["honest"].Found, found["honest"].Suspicious));
        Assert.Equal(0, found["rounded"].Found);
        Assert.InRange(found["honest"].Compared, found["honest"].Probes / 2, found["honest"].Probes);

        var told = (await _market.AdministerAsync("admin", "node", "probes")).Split('\n');
        Assert.Contains("differs", told.Single(line => line.StartsWith("other ", StringComparison.Ordinal)), StringComparison.Ordinal);
        var hosters = (await _market.AdministerAsync("admin", "hoster", "list")).Split('\n');
        Assert.Matches(" 1 +no ", hosters.Single(line => line.Contains(" other ", StringComparison.Ordinal)));

        await Poll.UntilAsync("it gets no more work", async () => (await ExplainAsync()).Contains("\"probes\":1", StringComparison.Ordinal), TimeSpan.FromSeconds(30), Token);
        await _market.AdministerAsync("admin", "node", "forgive", "other");
        await Poll.UntilAsync("it is forgiven", async () => !(await ExplainAsync()).Contains("\"probes\":1", StringComparison.Ordinal), TimeSpan.FromMinutes(2), Token);
    }

    /// <summary>An answer with what the Scheduler made of the nodes.</summary>
    private async Task<string> ExplainAsync()
    {
        using var http = new HttpClient { BaseAddress = _market.Clients[0].Gateway };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(ChatClient.Body(1, stream: false)) };
        request.Headers.Authorization = new("Bearer", _market.Clients[0].Key);
        request.Headers.Add("x-computeshare-explain", "1");
        using var response = await http.SendAsync(request, Token);
        return await response.Content.ReadAsStringAsync(Token);
    }

    private string Model(int lostBits)
    {
        var path = Path.Combine(_models.FullName, $"{lostBits}.gguf");
        File.WriteAllBytes(path, CoarseModel.Bytes(lostBits));
        return path;
    }
}
