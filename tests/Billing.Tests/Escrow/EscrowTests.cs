using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Probing;
using ComputeShare.Billing.Tests.Administration;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Escrow;

/// <summary>Earnings leave escrow when the published threshold says so, and not before; what is forfeited can be given back.</summary>
[Trait("Category", "Integration")]
public sealed class EscrowTests(EscrowTests.Threshold threshold) : IClassFixture<EscrowTests.Threshold>
{
    // A thousand nano-dollars a request, of which the hoster gets nine hundred.
    private static readonly TokenPrice Price = new(0, 0, 100_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => threshold.Billing;

    [Fact]
    public async Task Clearing_OldEarningsOfAHosterThatMeetsTheThreshold_AreClearedOnceAndYoungOnesStay()
    {
        var (offer, consumer) = await OpenAsync();
        await SettleAsync(offer, consumer, 3);
        await AgeAsync();
        await SettleAsync(offer, consumer, 1);

        await RoundAsync();
        await RoundAsync();

        Assert.Equal(2700, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
        Assert.Equal(900, await Billing.SumAsync(offer.Hoster, Books.HosterEscrow, Token));
        Assert.Equal(new AuditReport(0, 0, 0, 0), await Billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token));
    }

    [Fact]
    public async Task Clearing_TooFewRequests_ClearsNothing()
    {
        var (offer, consumer) = await OpenAsync();
        await SettleAsync(offer, consumer, 2);
        await AgeAsync();

        await RoundAsync();

        Assert.Equal(0, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
    }

    [Fact]
    public async Task Clearing_TooManyFailures_ClearsNothing()
    {
        var (offer, consumer) = await OpenAsync();
        await SettleAsync(offer, consumer, 2);
        await SettleAsync(offer, consumer, 1, GenerationStatus.Failed);
        await AgeAsync();

        await RoundAsync();

        Assert.Equal(0, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
        await SettleAsync(offer, consumer, 1);
        await RoundAsync();
        Assert.Equal(2700, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
    }

    [Fact]
    public async Task Clearing_AttemptsThatFailedOverToOthers_CountAsFailures()
    {
        var (offer, consumer) = await OpenAsync();
        var (rescuer, _) = await OpenAsync();
        await SettleAsync(offer, consumer, 3);
        for (var i = 0; i < 2; i++)
        {
            var settle = Commands.Settle(Commands.NewRequest(), consumer, Commands.Share(rescuer, 0, 10));
            settle.Settle.Record.FailedAttempts.Add(new FailedAttempt { NodeId = offer.NodeId, ModelId = "computeshare/tiny", Outcome = "node_lost" });
            Assert.NotNull((await Billing.AnswerAsync(settle, Token)).Settled);
        }

        await AgeAsync();
        await RoundAsync();

        // Three of five, where three of four would do.
        Assert.Equal(0, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
        await SettleAsync(offer, consumer, 3);
        await RoundAsync();
        Assert.Equal(2700, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
    }

    [Fact]
    public async Task Clearing_TrafficFromTheHostersOwnPaymentSource_CountsForNothing()
    {
        var (offer, consumer) = await OpenAsync();
        var console = new AdminConsole(Billing.ConnectionString);
        await console.OutputOfAsync("hoster", "source", offer.Hoster, "person:alice");
        await console.OutputOfAsync("hoster", "source", consumer, "person:alice");
        await SettleAsync(offer, consumer, 5);
        await AgeAsync();

        await RoundAsync();

        Assert.Equal(0, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
        var standing = Assert.Single(await Billing.Services.GetRequiredService<HosterStandings>().ListAsync(Token), hoster => hoster.HosterId == offer.Hoster);
        Assert.Equal((0L, 4500L), (standing.Requests, standing.Clearable.NanoDollars));
    }

    [Fact]
    public async Task Clearing_WhileProbesAreAgainstANode_ClearsNothingUntilTheyAreForgivenOrOthersSpeakForIt()
    {
        var (offer, consumer) = await OpenAsync();
        await SettleAsync(offer, consumer, 3);
        await AgeAsync();

        await ProbeAsync(differs: true);
        await RoundAsync();
        Assert.Equal(0, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
        var standing = Assert.Single(await Billing.Services.GetRequiredService<HosterStandings>().ListAsync(Token), hoster => hoster.HosterId == offer.Hoster);
        Assert.Equal((1, 2700L), (standing.SuspectNodes, standing.Clearable.NanoDollars));

        await new AdminConsole(Billing.ConnectionString).OutputOfAsync("node", "forgive", offer.NodeId);
        await RoundAsync();
        Assert.Equal(2700, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));

        await SettleAsync(offer, consumer, 1);
        await AgeAsync();
        await ProbeAsync(differs: true);
        await RoundAsync();
        Assert.Equal(2700, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
        await ProbeAsync(differs: false);
        await RoundAsync();
        Assert.Equal(3600, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));

        // As many as one verdict is made of.
        Task ProbeAsync(bool differs) => Billing.Services.GetRequiredService<ProbeIntake>().AddAsync(
            [.. Enumerable.Range(0, 20).Select(_ => new ProbeResult { NodeId = offer.NodeId, ModelId = "computeshare/tiny", Compared = true, Differs = differs })], Token);
    }

    [Fact]
    public async Task Clearing_AfterARefundOfWhatWasCleared_MakesUpForItFirst()
    {
        var (offer, consumer) = await OpenAsync();
        var requests = await SettleAsync(offer, consumer, 3);
        await AgeAsync();
        await RoundAsync();
        await new AdminConsole(Billing.ConnectionString).OutputOfAsync("correct", requests[0], "all", "--reference", "complaint");
        Assert.Equal(-900, await Billing.SumAsync(offer.Hoster, Books.HosterEscrow, Token));

        await SettleAsync(offer, consumer, 2);
        await AgeAsync();
        await RoundAsync();

        Assert.Equal(2700 + 900, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
        Assert.Equal(0, await Billing.SumAsync(offer.Hoster, Books.HosterEscrow, Token));
    }

    [Fact]
    public async Task Clearing_ByTwoAtOnce_ClearsOnce()
    {
        var (offer, consumer) = await OpenAsync();
        await SettleAsync(offer, consumer, 4);
        await AgeAsync();
        await RollUpAsync();
        var clearing = Billing.Services.GetRequiredService<Clearing>();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => clearing.ClearAsync(Token)));

        Assert.Equal(3600, await Billing.SumAsync(offer.Hoster, Books.HosterCleared, Token));
    }

    [Fact]
    public async Task Forfeit_AndAppeal_AreEntriesThatHappenOnce()
    {
        var (offer, consumer) = await OpenAsync();
        await SettleAsync(offer, consumer, 2);
        var console = new AdminConsole(Billing.ConnectionString);

        var id = await console.OutputOfAsync("hoster", "forfeit", offer.Hoster, "0.000001", "--reason", "inflated counts");
        Assert.Equal(id, await console.OutputOfAsync("hoster", "forfeit", offer.Hoster, "0.000001", "--reason", "inflated counts"));
        Assert.Equal(800, await Billing.SumAsync(offer.Hoster, Books.HosterEscrow, Token));
        var tooMuch = await console.RunAsync("hoster", "forfeit", offer.Hoster, "1", "--reason", "greed");
        Assert.Equal(1, tooMuch.Code);
        Assert.Contains("no more can be forfeited", tooMuch.Error, StringComparison.Ordinal);

        await console.OutputOfAsync("hoster", "appeal", id, "--reason", "the counts were right");
        await console.OutputOfAsync("hoster", "appeal", id, "--reason", "the counts were right");

        Assert.Equal(1800, await Billing.SumAsync(offer.Hoster, Books.HosterEscrow, Token));
        Assert.Equal(1, (await console.RunAsync("hoster", "appeal", Commands.NewRequest(), "--reason", "x")).Code);
        Assert.Equal(0, (await Billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token)).Differences);
    }

    private async Task<(Offer Offer, string Consumer)> OpenAsync() =>
        (await Billing.NewOfferAsync(Price, Token), await Billing.NewConsumerAsync(1_000_000, Token));

    private async Task<string[]> SettleAsync(Offer offer, string consumer, int count, GenerationStatus status = GenerationStatus.Completed)
    {
        var requests = Enumerable.Range(0, count).Select(_ => Commands.NewRequest()).ToArray();
        foreach (var request in requests)
        {
            var settle = Commands.Settle(request, consumer, Commands.Share(offer, 0, 10));
            settle.Settle.Record.Status = status;
            if (status == GenerationStatus.Failed)
            {
                settle.Settle.Record.FailedAttempts.Add(new FailedAttempt { NodeId = offer.NodeId, ModelId = "computeshare/tiny", Outcome = "node_lost" });
            }

            Assert.Equal(1000, (await Billing.AnswerAsync(settle, Token)).Settled.Amount);
        }

        return requests;
    }

    /// <summary>What was rolled up till now was settled nine days ago.</summary>
    internal static Task<int> AgeAsync(RunningBilling billing, CancellationToken cancellationToken) => billing.ExecuteAsync(
        """
        WITH young AS (DELETE FROM hoster_days WHERE day > current_date - 9 RETURNING *)
        INSERT INTO hoster_days (hoster_id, day, node_id, model, requests, failures, failed_attempts, own_requests, earned)
        SELECT hoster_id, day - 9, node_id, model, requests, failures, failed_attempts, own_requests, earned FROM young
        ON CONFLICT (hoster_id, day, node_id, model) DO UPDATE SET requests = hoster_days.requests + EXCLUDED.requests,
            failures = hoster_days.failures + EXCLUDED.failures, failed_attempts = hoster_days.failed_attempts + EXCLUDED.failed_attempts,
            own_requests = hoster_days.own_requests + EXCLUDED.own_requests, earned = hoster_days.earned + EXCLUDED.earned
        """,
        cancellationToken);

    private async Task AgeAsync()
    {
        await RollUpAsync();
        await AgeAsync(Billing, Token);
    }

    private async Task RoundAsync()
    {
        await RollUpAsync();
        await Billing.Services.GetRequiredService<Clearing>().ClearAsync(Token);
    }

    // Nothing else books here, so it need not stay behind.
    private Task RollUpAsync() => Billing.Services.GetRequiredService<RollUp>().RunAsync(TimeSpan.Zero, Token);

    /// <summary>A Billing whose threshold a few requests meet.</summary>
    public sealed class Threshold(BillingFixture fixture) : IAsyncLifetime
    {
        private RunningBilling? _billing;

        public RunningBilling Billing => _billing!;

        public async ValueTask InitializeAsync() => _billing = await RunningBilling.StartAsync(
            fixture.Postgres, CancellationToken.None, ("Escrow:Requests", "3"), ("Escrow:SuccessPercent", "75"));

        public ValueTask DisposeAsync() => Billing.DisposeAsync();
    }
}
