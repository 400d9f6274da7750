using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.EndToEnd.Tests.Nodes;

/// <summary>What a GPU's owner does, with the program itself: join with a real engine, earn, pause, resume, drain.</summary>
public sealed class JoinCommandTests(Marketplace marketplace) : IDisposable
{
    private const string NodeId = "joined-node";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("cs-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task Join_AnEngineOfThisMachine_EarnsPausesResumesAndDrains()
    {
        Assert.SkipUnless(LlamaServer.IsSupported, "tests/LlamaServer installs llama.cpp for Linux on x64 only.");
        await using var llama = await LlamaServer.StartAsync(Token);
        // Cheaper than the others, so that placement prefers it.
        var offer = await RunAsync(
            "join", "--yes", "--no-start", "--gateway", marketplace.Gateway.AbsoluteUri, "--engine", llama.Url.AbsoluteUri, "--id", NodeId, "--input", "0.001", "--output", "0.001");
        Assert.Contains("llama.cpp", offer, StringComparison.Ordinal);
        Assert.Contains("tokens/s alone", offer, StringComparison.Ordinal);
        await using var node = Start("join");

        await Poll.UntilAsync("it earns", async () => await AskAsync() && await EarnedAsync() > 0, Limit, Token);
        Assert.Contains("state     serving", await RunAsync("status"), StringComparison.Ordinal);

        await RunAsync("pause");
        // What was placed on it before the pause was heard of has come back refused or ended.
        var served = await FinishedAsync();
        for (var request = 0; request < 4; request++)
        {
            Assert.True(await AskAsync());
        }

        Assert.Equal(served, await FinishedAsync());
        await RunAsync("resume");
        await Poll.UntilAsync("it serves again", async () => await AskAsync() && await FinishedAsync() > served, Limit, Token);

        Assert.Contains("The node has ended.", await RunAsync("drain"), StringComparison.Ordinal);
        await Poll.UntilAsync("its process has ended", () => node.HasExited, Limit, Token);
        Assert.Equal(0, node.ExitCode);
        Assert.DoesNotContain(marketplace.HosterKey, node.Output, StringComparison.Ordinal);
    }

    private LocalProcess Start(params string[] arguments) => LocalProcess.Start(
        "dotnet",
        [Repository.PathOf("HosterNode", "bin", "Debug", "net10.0", "ComputeShare.HosterNode.dll"), .. arguments],
        new Dictionary<string, string?> { ["COMPUTESHARE_HOSTER_KEY"] = marketplace.HosterKey, ["COMPUTESHARE_NODE_FOLDER"] = Path.Combine(_home.FullName, "node") });

    private async Task<string> RunAsync(params string[] arguments)
    {
        await using var command = Start(arguments);
        await Poll.UntilAsync($"{arguments[0]} ends", () => command.HasExited, Limit, Token);
        await command.StopAsync();
        Assert.True(command.ExitCode == 0, command.Output);
        return command.Output;
    }

    private async Task<bool> AskAsync()
    {
        using var client = marketplace.CreateClient();
        using var answer = await client.PostAsJsonAsync(
            new Uri("chat/completions", UriKind.Relative), new { model = "auto", max_tokens = 4, messages = new[] { new { role = "user", content = "Hi" } } }, Token);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    private async Task<long> FinishedAsync()
    {
        var status = JsonDocument.Parse(await RunAsync("status", "--json")).RootElement;
        return status.GetProperty("traffic").GetProperty("finished").GetInt64();
    }

    private async Task<decimal> EarnedAsync()
    {
        using var client = marketplace.CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", marketplace.HosterKey);
        var report = await client.GetFromJsonAsync<JsonElement>(new Uri("hosters/earnings?group_by=node", UriKind.Relative), Token);
        return report.GetProperty("data").EnumerateArray()
            .Where(row => row.GetProperty("node").GetString() == NodeId)
            .Sum(row => decimal.Parse(row.GetProperty("earned_usd").GetString()!, CultureInfo.InvariantCulture));
    }
}
