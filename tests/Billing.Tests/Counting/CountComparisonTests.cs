using ComputeShare.Billing.Counting;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Tests.Administration;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Counting;

[Trait("Category", "Integration")]
public sealed class CountComparisonTests(BillingFixture fixture)
{
    private const string Model = "computeshare/tiny";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Add_OfAnInflatingNode_IsKeptToldAndForgiven()
    {
        var console = new AdminConsole(Billing.ConnectionString);
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var node = $"node-{hoster}";
        Assert.Equal((0u, false), Standing(await RegisterAsync(hoster)));

        // As the gateways report it, side by side.
        var half = Counts(node, 10_000, 10_100);
        await Task.WhenAll(AddAsync(half), AddAsync(half));
        Assert.Equal((1u, false), Standing(await RegisterAsync(hoster)));

        Assert.Equal([node], await AddAsync(Counts(node, 20_000, 20_200)));
        Assert.Equal([node], await AddAsync(Counts(node, 20_000, 20_200)));
        Assert.Equal((3u, true), Standing(await RegisterAsync(hoster)));

        var line = (await console.OutputOfAsync("node", "counts")).Split('\n').Single(line => line.StartsWith(node, StringComparison.Ordinal));
        Assert.Contains("1.0100", line, StringComparison.Ordinal);

        await console.OutputOfAsync("node", "forgive", node);
        Assert.Equal((0u, false), Standing(await RegisterAsync(hoster)));
        Assert.Equal(1, (await console.RunAsync("node", "forgive", "nobody")).Code);
    }

    [Fact]
    public async Task Add_OfANodeThatNobodyRegistered_ChangesNothing() => Assert.Empty(await AddAsync(Counts("stranger", 20_000, 90_000)));

    private static (uint Found, bool Barred) Standing(RegisterNodeReply reply) => (reply.CountsFound, reply.CountsBarred);

    private static NodeCounts Counts(string node, ulong counted, ulong reported) =>
        new() { NodeId = node, ModelId = Model, Answers = 1, CountedTokens = counted, ReportedTokens = reported };

    private Task<IReadOnlyCollection<string>> AddAsync(params NodeCounts[] counts) =>
        Billing.Services.GetRequiredService<CountComparison>().AddAsync(counts, Token);

    private Task<RegisterNodeReply> RegisterAsync(string hoster) => Billing.Services.GetRequiredService<NodeRegistrar>().RegisterAsync(
        new RegisterNodeRequest
        {
            NodeId = $"node-{hoster}",
            HosterName = $"name-of-{hoster}",
            Models = { new ServedModel { LocalName = "tiny", Prices = new Prices() } },
        },
        Token);
}
