using System.Net;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Money;

/// <summary>
/// One honest node and four that lie about their tokens, as processes: they say 1 %, 10 % and 1000 % more than the truth, or split words into
/// single bytes. They earn not a nano-dollar more, are found, and get no more work.
/// </summary>
[Trait("Category", "Integration")]
public sealed class DishonestNodesTests
{
    private const string Honest = "node-1";
    private const int TokensPerAnswer = 150;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Length", "Long")]
    public async Task NodesThatLie_ByAnyFactor_EarnNothingByItAndAreFound() =>
        await RunAsync(new Market(tokens: 900, strikes: 1));

    [Fact]
    [Trait("Length", "Long")]
    public async Task NodesThatLie_JudgedByTheDefaults_EarnNothingByItAndAreFound() =>
        await RunAsync(new Market(tokens: 20_000, strikes: 3));

    private static async Task RunAsync(Market market)
    {
        await using var running = market;
        await market.InitializeAsync();
        var liars = market.Nodes.Select(node => node.Name).Where(name => name != Honest).ToArray();
        for (var wave = 0; !AreAllBarred(await market.Books.ComparisonsAsync(Token), liars); wave++)
        {
            Assert.True(wave < market.MostWaves, await market.AdministerAsync("admin", "node", "counts"));
            var answers = await Task.WhenAll(Enumerable.Range(0, market.Nodes.Count * 4).Select(_ => market.Clients[0].CompleteAsync(TokensPerAnswer, Token)));
            Assert.All(answers, answer => Assert.True(answer.Completed, answer.ToString()));
        }

        // The same question costs the same, whoever answers and whatever it says of itself.
        await market.Books.WaitUntilClosedAsync(Token);
        var deliveries = (await market.Books.DeliveriesAsync(Token)).Where(delivery => delivery.CompletionTokens > 1).ToArray();
        Assert.Equal(market.Nodes.Count, deliveries.Select(delivery => delivery.NodeId).Distinct().Count());
        var (prompt, completion, cost) = Assert.Single(deliveries.Select(delivery => (delivery.PromptTokens, delivery.CompletionTokens, delivery.Cost)).Distinct());
        Assert.All(deliveries, delivery => Assert.False(delivery.Bounded));
        Assert.Equal(((prompt * Market.InputPrice) + (completion * Market.OutputPrice) + 999_999) / 1_000_000, cost);

        var comparisons = await market.Books.ComparisonsAsync(Token);
        Assert.Equal(0, comparisons[Honest].Found);
        Assert.Equal(comparisons[Honest].Counted, comparisons[Honest].Reported);
        Assert.InRange(Ratio("node-2"), 1.005, 1.0101);
        Assert.InRange(Ratio("node-3"), 1.09, 1.1001);
        Assert.InRange(Ratio("node-4"), 10.9, 11.001);
        Assert.InRange(Ratio("node-5"), 1.5, 10);

        // Nobody but the honest node gets work from here on, as soon as the Schedulers know.
        await Poll.UntilAsync("a barred node is told of as such", async () => (await market.ExplainAsync(Token)).Contains("\"counts\":4", StringComparison.Ordinal), TimeSpan.FromSeconds(30), Token);
        var last = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => market.Clients[0].CompleteAsync(5, Token)));
        Assert.All(last, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        await market.Books.WaitUntilClosedAsync(Token);
        Assert.All((await market.Books.DeliveriesAsync(Token)).Where(delivery => delivery.CompletionTokens is > 1 and < 10), delivery => Assert.Equal(Honest, delivery.NodeId));

        double Ratio(string node) => (double)comparisons[node].Reported / comparisons[node].Counted;
    }

    private static bool AreAllBarred(IReadOnlyDictionary<string, Books.Comparison> comparisons, string[] nodes) =>
        nodes.All(node => comparisons.TryGetValue(node, out var comparison) && comparison.Barred);
}
