using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Hosters;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Payouts;
using ComputeShare.Billing.Tests.Administration;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Hosters;

/// <summary>What a hoster is told of its money and its nodes: to the nano-dollar what the ledger has, rolled up or not.</summary>
[Trait("Category", "Integration")]
public sealed class HosterReaderTests(HosterReaderTests.OwnBilling own) : IClassFixture<HosterReaderTests.OwnBilling>
{
    // Fractions of nano-dollars, so that sums of rounded parts would not be the ledger's.
    private static readonly TokenPrice Price = new(1_333_333, 333_333, 7_777_777);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => own.Billing;

    [Fact]
    public async Task Earnings_OfNodesModelsAndDays_AddUpToTheLedgersEscrow()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var (one, two) = (await NodeAsync(hoster, "one"), await NodeAsync(hoster, "two"));
        var consumer = await Billing.NewConsumerAsync(1_000_000_000, Token);
        var first = await SettleAsync(consumer, "model-a", Commands.Share(one, prompt: 10, completion: 7, cached: 4));
        await SettleAsync(consumer, "model-b", Commands.Share(two, 3, 1));

        // One request on two nodes of the hoster and one of another's: the ledger has one entry for the two.
        var others = await Billing.NewOfferAsync(Price, Token);
        await SettleAsync(consumer, "model-a", Commands.Share(one, 5, 1), Commands.Share(two, 5, 20), Commands.Share(others, 1, 1));
        await RollUpAsync();
        await AgeAsync(hoster);
        await SettleAsync(consumer, "model-a", Commands.Share(one, 1, 1));
        await new AdminConsole(Billing.ConnectionString).OutputOfAsync("correct", first, "0.00000002", "--reference", "complaint");

        foreach (var isRolledUp in new[] { false, true })
        {
            if (isRolledUp)
            {
                await RollUpAsync();
            }

            var all = await EarningsAsync(hoster);
            Assert.Equal(await Billing.SumAsync(hoster, Books.HosterEscrow, Token), all.Earned);
            var whole = Assert.Single(all.Rows);
            Assert.Equal((4L, 24L, 4L, 30L, all.Earned), (whole.Requests, whole.PromptTokens, whole.CachedTokens, whole.CompletionTokens, whole.Earned));

            var parts = await EarningsAsync(hoster, byModel: true, byDay: true, byNode: true);
            Assert.Equal(all.Earned, parts.Rows.Sum(row => row.Earned));
            Assert.Equal(
                [("model-a", $"one-{hoster}", 1L), ("model-a", $"two-{hoster}", 1L), ("model-b", $"two-{hoster}", 1L), ("model-a", $"one-{hoster}", 1L)],
                parts.Rows.Select(row => (row.Model, row.NodeId, row.Requests)));
            Assert.Equal(86_400_000, parts.Rows[3].Day - parts.Rows[0].Day);
            Assert.Equal(0, parts.Rows[0].Day % 86_400_000);
        }

        var today = await EarningsAsync(hoster, daysBack: 0);
        Assert.Equal(1, Assert.Single(today.Rows).Requests);
    }

    [Fact]
    public async Task Failures_AttemptsThatWereNotSettledFor_CountOnceAndOwnTrafficNever()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var (good, bad) = (await NodeAsync(hoster, "good"), await NodeAsync(hoster, "bad"));
        var consumer = await Billing.NewConsumerAsync(1_000_000_000, Token);
        var console = new AdminConsole(Billing.ConnectionString);

        // Served by another after a failure; failed by all; failed after content; and all of it once more by the hoster's own consumer.
        var ownConsumer = await Billing.NewConsumerAsync(1_000_000_000, Token);
        await console.OutputOfAsync("hoster", "source", hoster, $"person:{hoster}");
        await console.OutputOfAsync("hoster", "source", ownConsumer, $"person:{hoster}");
        foreach (var who in new[] { consumer, ownConsumer })
        {
            var failedOver = Settle(who, "model-a", Commands.Share(good, 1, 1));
            Fail(failedOver, bad);
            await AnswerAsync(failedOver);
            await AnswerAsync(failedOver);
            var failed = Settle(who, "model-a");
            Fail(failed, bad, good);
            await AnswerAsync(failed);
            var broken = Settle(who, "model-a", Commands.Share(good, 1, 1));
            Fail(broken, good);
            await AnswerAsync(broken);
        }

        foreach (var isRolledUp in new[] { false, true })
        {
            if (isRolledUp)
            {
                await RollUpAsync();
            }

            var nodes = (await ListAsync(hoster)).Nodes;
            Assert.Equal([$"bad-{hoster}", $"good-{hoster}"], nodes.Select(node => node.NodeId));
            Assert.Equal((0L, 0L, 0L, 2L), (nodes[0].Requests, nodes[0].OthersRequests, nodes[0].Failures, nodes[0].FailedAttempts));
            Assert.Equal((4L, 2L, 1L, 1L), (nodes[1].Requests, nodes[1].OthersRequests, nodes[1].Failures, nodes[1].FailedAttempts));
            Assert.Equal(await Billing.SumAsync(hoster, Books.HosterEscrow, Token), nodes[1].Earned);
        }

        // One of two requests, and three attempts beside them.
        var standing = (await ReadAsync(hoster))!.Standing;
        Assert.Equal((2L, 1L, 3L, false), (standing.Requests, standing.Failures, standing.FailedAttempts, standing.IsMet));
    }

    [Fact]
    public async Task Hoster_EarnedClearedAndPaid_IsToldWhereItsMoneyIs()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var node = await NodeAsync(hoster, "one");
        var consumer = await Billing.NewConsumerAsync(1_000_000_000, Token);
        await SettleAsync(consumer, "model-a", Commands.Share(node, 0, 1_000_000));
        await RollUpAsync();
        await AgeAsync(hoster);
        var earned = await Billing.SumAsync(hoster, Books.HosterEscrow, Token);
        Assert.Equal((earned, earned, 0L), Money((await ReadAsync(hoster))!));
        Assert.True((await ReadAsync(hoster))!.Standing.IsMet);

        await Billing.Services.GetRequiredService<Clearing>().ClearAsync(Token);
        await SettleAsync(consumer, "model-a", Commands.Share(node, 0, 1));
        var young = await Billing.SumAsync(hoster, Books.HosterEscrow, Token);
        Assert.Equal((young, 0L, earned), Money((await ReadAsync(hoster))!));

        var payouts = new PayoutRegister(Billing.Services.GetRequiredService<Npgsql.NpgsqlDataSource>(), TimeProvider.System);
        await payouts.ProposeAsync(new Money(earned), Token);
        var payout = await PayoutOfAsync(hoster);
        await payouts.ApproveAsync(payout, Token);
        Assert.Equal((earned, 0L), ((await ReadAsync(hoster))!.Payable, (await ReadAsync(hoster))!.PaidOut));
        await payouts.MarkPaidAsync(payout, "SEPA 1", Token);
        Assert.Equal((0L, earned), ((await ReadAsync(hoster))!.Payable, (await ReadAsync(hoster))!.PaidOut));
        await payouts.MarkReturnedAsync(payout, "closed", Token);
        Assert.Equal((earned, 0L), ((await ReadAsync(hoster))!.Cleared, (await ReadAsync(hoster))!.PaidOut));

        Assert.Null(await ReadAsync(consumer));
        Assert.Null(await ReadAsync(""));

        static (long Escrow, long Clearable, long Cleared) Money(Hoster hoster) => (hoster.Escrow, hoster.Clearable, hoster.Cleared);
    }

    [Fact]
    public async Task Nodes_ByPagesOrOne_AreTheAccountsOnly()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        foreach (var name in new[] { "a", "b", "c" })
        {
            await NodeAsync(hoster, name);
        }

        var others = await Billing.NewOfferAsync(Price, Token);
        await Billing.Services.GetRequiredService<Billing.Counting.CountComparison>().AddAsync(
            [new NodeCounts { NodeId = $"b-{hoster}", ModelId = "m", Answers = 1, CountedTokens = 20_000, ReportedTokens = 30_000 }], Token);

        var probe = new ProbeResult { NodeId = $"b-{hoster}", ModelId = "m", Compared = true, Differs = true };
        await Billing.Services.GetRequiredService<Billing.Probing.ProbeIntake>().AddAsync(
            [.. Enumerable.Repeat(probe, 20), new ProbeResult { NodeId = $"a-{hoster}", ModelId = "m", Empty = true }], Token);

        var page = await ListAsync(hoster, limit: 2);
        var rest = await ListAsync(hoster, limit: 2, after: page.Nodes[1].NodeId);

        Assert.Equal((true, false), (page.HasMore, rest.HasMore));
        Assert.Equal([$"a-{hoster}", $"b-{hoster}", $"c-{hoster}"], page.Nodes.Concat(rest.Nodes).Select(node => node.NodeId));
        var counts = Assert.Single(page.Nodes[1].Counts);
        Assert.Equal(("m", 1_500_000ul, 1u), (counts.ModelId, counts.LastPerMillion, counts.FoundInRow));
        var probes = Assert.Single(page.Nodes[1].Probes);
        Assert.Equal(("m", 1u, 0L), (probes.ModelId, probes.FoundInRow, probes.Barred));
        Assert.Equal(["differs"], probes.Reasons);
        Assert.Empty(page.Nodes[0].Probes);
        Assert.Equal($"c-{hoster}", Assert.Single((await ListAsync(hoster, node: $"c-{hoster}")).Nodes).NodeId);
        Assert.Empty((await ListAsync(hoster, node: others.NodeId)).Nodes);
    }

    private static BillingCommand Settle(string consumer, string model, params Share[] shares)
    {
        var settle = Commands.Settle(Commands.NewRequest(), consumer, shares);
        settle.Settle.Record.ServedModel = model;
        return settle;
    }

    private static void Fail(BillingCommand settle, params Offer[] nodes)
    {
        settle.Settle.Record.Status = GenerationStatus.Failed;
        settle.Settle.Record.FailedAttempts.Add(nodes.Select(node => new FailedAttempt { NodeId = node.NodeId, ModelId = "model-a", Outcome = "node_lost" }));
    }

    private async Task<string> SettleAsync(string consumer, string model, params Share[] shares)
    {
        var settle = Settle(consumer, model, shares);
        await AnswerAsync(settle);
        return settle.Settle.RequestId;
    }

    private async Task AnswerAsync(BillingCommand settle) => Assert.NotNull((await Billing.AnswerAsync(settle, Token)).Settled);

    private async Task<Offer> NodeAsync(string hoster, string name)
    {
        var request = new RegisterNodeRequest
        {
            NodeId = $"{name}-{hoster}",
            HosterName = $"name-of-{hoster}",
            Models = { new ServedModel { LocalName = "tiny", Prices = new Prices { Input = Price.Input, CachedInput = Price.CachedInput, Output = Price.Output } } },
        };
        var reply = await Billing.Services.GetRequiredService<NodeRegistrar>().RegisterAsync(request, Token);
        return new Offer(hoster, request.NodeId, reply.Offers[0].PriceId);
    }

    private Task<Hoster?> ReadAsync(string account) => Billing.Services.GetRequiredService<HosterReader>().ReadAsync(account, Token);

    private Task<HosterNodes> ListAsync(string hoster, string node = "", uint limit = 100, string after = "") =>
        Billing.Services.GetRequiredService<HosterNodeReader>().ListAsync(
            new ListHosterNodesRequest { AccountId = hoster, NodeId = node, Limit = limit, After = after }, Token);

    private Task<EarningsReport> EarningsAsync(string hoster, bool byModel = false, bool byDay = false, bool byNode = false, int daysBack = 60)
    {
        var today = TimeProvider.System.GetUtcNow().UtcDateTime.Date;
        var request = new GetEarningsRequest
        {
            AccountId = hoster,
            From = new DateTimeOffset(today.AddDays(-daysBack), TimeSpan.Zero).ToUnixTimeMilliseconds(),
            To = new DateTimeOffset(today.AddDays(2), TimeSpan.Zero).ToUnixTimeMilliseconds(),
            ByModel = byModel,
            ByDay = byDay,
            ByNode = byNode,
        };
        return Billing.Services.GetRequiredService<EarningsReader>().ReadAsync(request, Token);
    }

    private async Task<Guid> PayoutOfAsync(string hoster)
    {
        await using var command = Billing.Services.GetRequiredService<Npgsql.NpgsqlDataSource>().CreateCommand($"SELECT id FROM payouts WHERE hoster_id = '{hoster}'");
        return (Guid)(await command.ExecuteScalarAsync(Token))!;
    }

    // Nothing else books here, so it need not stay behind.
    private Task RollUpAsync() => Billing.Services.GetRequiredService<RollUp>().RunAsync(TimeSpan.Zero, Token);

    /// <summary>What was rolled up till now was settled the day before.</summary>
    private Task<int> AgeAsync(string hoster) =>
        Billing.ExecuteAsync($"UPDATE hoster_days SET day = day - 1 WHERE hoster_id = '{hoster}'", Token);

    /// <summary>A Billing whose threshold one good request meets, the day after.</summary>
    public sealed class OwnBilling(BillingFixture fixture) : IAsyncLifetime
    {
        private RunningBilling? _billing;

        public RunningBilling Billing => _billing!;

        public async ValueTask InitializeAsync() => _billing = await RunningBilling.StartAsync(
            fixture.Postgres, CancellationToken.None, ("Escrow:Requests", "1"), ("Escrow:Age", "00:00:00"));

        public ValueTask DisposeAsync() => Billing.DisposeAsync();
    }
}
