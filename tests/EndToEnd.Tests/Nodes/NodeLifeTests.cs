using System.Net;
using System.Net.Http.Json;
using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Nodes;

/// <summary>One more node of the demo hoster, as a process of its own.</summary>
public sealed class NodeLifeTests(Marketplace marketplace)
{
    private const string NodeId = "one-more-node";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Node_KilledByForce_LeavesTheScheduleAndJoinsAgainWhenItRestarts()
    {
        await using var node = Start();
        await ServesAsync(node);

        await node.KillAsync();

        await Poll.UntilAsync("the gateway says that it is gone", () => marketplace.Output.Contains($"Node {NodeId} is gone", StringComparison.Ordinal), Limit, Token);
        using var client = marketplace.CreateClient();
        for (var request = 0; request < 12; request++)
        {
            using var answer = await AskAsync(client);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("1", answer.Headers.GetValues("x-computeshare-attempts").Single());
        }

        await using var restarted = Start();
        await ServesAsync(restarted);
    }

    private LocalProcess Start() => LocalProcess.Start(
        "dotnet",
        [Repository.PathOf("HosterNode", "bin", "Debug", "net10.0", "ComputeShare.HosterNode.dll")],
        new Dictionary<string, string?>
        {
            ["Node__Id"] = NodeId,
            ["Node__Gateways__0"] = marketplace.Gateway.GetLeftPart(UriPartial.Authority),
            ["Node__HosterKey"] = marketplace.HosterKey,
            ["Ports__Health"] = "0",
            // Cheaper than the others, so that placement prefers it.
            ["Node__Prices__Input"] = "1000",
            ["Node__Prices__Output"] = "1000",
        });

    /// <summary>Requests are sent until the node itself says that it has served one.</summary>
    private async Task ServesAsync(LocalProcess node)
    {
        using var client = marketplace.CreateClient();
        await Poll.UntilAsync(
            "the node serves a request",
            async () =>
            {
                using var answer = await AskAsync(client);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                return node.Output.Contains("computeshare/tiny: ", StringComparison.Ordinal);
            },
            Limit,
            Token);
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient client) => client.PostAsJsonAsync(
        new Uri("chat/completions", UriKind.Relative),
        new { model = "auto", max_tokens = 4, messages = new[] { new { role = "user", content = "Hi" } } },
        Token);
}
