using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Probing;
using ComputeShare.Billing.Tests.Administration;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Probing;

[Trait("Category", "Integration")]
public sealed class ProbeIntakeTests(BillingFixture fixture)
{
    private const string Model = "computeshare/tiny";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Add_OfADishonestNode_IsKeptToldWithItsReasonsAndForgiven()
    {
        var console = new AdminConsole(Billing.ConnectionString);
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var node = $"node-{hoster}";
        Assert.Equal((0u, false), Standing(await RegisterAsync(hoster)));

        // As several gateways report them, side by side.
        var odd = new ProbeResult { NodeId = node, ModelId = Model, Compared = true, Differs = true, HeldBack = true };
        var changed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AddAsync([.. Enumerable.Repeat(odd, 5)])));
        Assert.Equal([node], changed.SelectMany(ids => ids));
        Assert.Equal((1u, false), Standing(await RegisterAsync(hoster)));

        Assert.Equal([node], await AddAsync([.. Enumerable.Repeat(odd, 40)]));
        Assert.Equal((3u, true), Standing(await RegisterAsync(hoster)));
        var line = (await console.OutputOfAsync("node", "probes")).Split('\n').Single(line => line.StartsWith(node, StringComparison.Ordinal));
        Assert.Contains("differs,held_back", line, StringComparison.Ordinal);
        Assert.Contains("100 %", line, StringComparison.Ordinal);

        await console.OutputOfAsync("node", "forgive", node);
        Assert.Equal((0u, false), Standing(await RegisterAsync(hoster)));
        Assert.Equal(1, (await console.RunAsync("node", "forgive", "nobody")).Code);
    }

    [Fact]
    public async Task Add_OfANodeThatNobodyRegistered_ChangesNothing() =>
        Assert.Empty(await AddAsync([.. Enumerable.Repeat(new ProbeResult { NodeId = "stranger", ModelId = Model, Empty = true }, 60)]));

    private static (uint Found, bool Barred) Standing(RegisterNodeReply reply) => (reply.ProbesFound, reply.ProbesBarred);

    private Task<IReadOnlyCollection<string>> AddAsync(params ProbeResult[] probes) =>
        Billing.Services.GetRequiredService<ProbeIntake>().AddAsync(probes, Token);

    private Task<RegisterNodeReply> RegisterAsync(string hoster) => Billing.Services.GetRequiredService<NodeRegistrar>().RegisterAsync(
        new RegisterNodeRequest
        {
            NodeId = $"node-{hoster}",
            HosterName = $"name-of-{hoster}",
            Models = { new ServedModel { LocalName = "tiny", Prices = new Prices() } },
        },
        Token);
}
