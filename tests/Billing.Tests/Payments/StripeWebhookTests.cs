using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Payments;
using ComputeShare.Billing.Payouts;
using ComputeShare.Billing.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Payments;

/// <summary>Stripe's events, signed as Stripe signs them: booked once, whatever is sent again.</summary>
[Trait("Category", "Integration")]
public sealed class StripeWebhookTests(StripeWebhookTests.Endpoint endpoint) : IClassFixture<StripeWebhookTests.Endpoint>, IAsyncDisposable
{
    private const string Secret = "whsec_of_these_tests_only";
    private const long FiveDollars = 5_000_000_000;

    private static int _events;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => endpoint.Billing;

    public async ValueTask DisposeAsync() =>
        Assert.Equal(0, (await Billing.Services.GetRequiredService<LedgerAudit>().RunAsync(CancellationToken.None)).Differences);

    [Fact]
    public async Task Payment_ToldByTwoEventsAndEachManyTimesAtOnce_IsBookedOnce()
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        var session = Event("checkout.session.completed", $$"""
            "id":"cs_1","object":"checkout.session","payment_status":"paid","payment_intent":"pi_1","client_reference_id":"{{account}}","amount_total":500,"currency":"usd","customer":"cus_1"
            """);
        var intent = Event("payment_intent.succeeded", $$"""
            "id":"pi_1","object":"payment_intent","amount_received":500,"currency":"usd","metadata":{"computeshare_account":"{{account}}"}
            """);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => SendAsync(i % 2 == 0 ? session : intent)));

        Assert.Single(outcomes, outcome => outcome == PaymentOutcomes.Booked);
        Assert.Equal(6, outcomes.Count(outcome => outcome == PaymentOutcomes.Duplicate));
        Assert.Equal((FiveDollars, 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Refund_InPartsOutOfOrderAndSpentMeanwhile_NeverGoesBelowZero()
    {
        var account = await PaidAsync("pi_2", 500);
        Assert.Equal(PaymentOutcomes.Booked, await SendAsync(Event("charge.refunded", Charge("pi_2", 300))));

        // The notice of the first part comes last.
        Assert.Equal(PaymentOutcomes.NoChange, await SendAsync(Event("charge.refunded", Charge("pi_2", 100))));
        Assert.Equal(2_000_000_000, (await Billing.FundsAsync(account, Token)).Balance);
        await SpendAsync(account, 1_500_000_000);

        Assert.Equal(PaymentOutcomes.Booked, await SendAsync(Event("charge.refunded", Charge("pi_2", 500))));

        Assert.Equal((0, 0), await Billing.FundsAsync(account, Token));
        Assert.Equal(-1_500_000_000, await Billing.SumAsync(PlatformAccount.Id, Books.PlatformLoss, Token));
    }

    [Fact]
    public async Task Dispute_LostAndThenWon_TakesTheCreditAndGivesItBackOnce()
    {
        var account = await PaidAsync("pi_3", 500);
        const string Dispute = """ "id":"dp_1","payment_intent":"pi_3","amount":500,"currency":"usd","status":"needs_response" """;

        Assert.Equal(PaymentOutcomes.Booked, await SendAsync(Event("charge.dispute.created", Dispute)));
        Assert.Equal(PaymentOutcomes.NoChange, await SendAsync(Event("charge.dispute.created", Dispute)));
        Assert.Equal((0, 0), await Billing.FundsAsync(account, Token));
        var won = Dispute.Replace("needs_response", "won", StringComparison.Ordinal);
        Assert.Equal(PaymentOutcomes.Booked, await SendAsync(Event("charge.dispute.closed", won)));
        Assert.Equal(PaymentOutcomes.NoChange, await SendAsync(Event("charge.dispute.closed", won)));

        Assert.Equal((FiveDollars, 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Payout_Paid_LeavesTheLedgerOnceHoweverOftenItIsTold()
    {
        var (hoster, payout) = await ApprovedPayoutAsync();
        var paid = Event("payout.paid", PayoutObject(payout, "paid"));
        var (wrong, old) = (Signature(paid, TimeProvider.System.GetUtcNow(), "whsec_of_somebody_else"), Signature(paid, TimeProvider.System.GetUtcNow().AddMinutes(-6)));
        await Assert.ThrowsAsync<WebhookRefusedException>(() => AcceptAsync(paid, wrong));
        await Assert.ThrowsAsync<WebhookRefusedException>(() => AcceptAsync(paid, old));
        Assert.Equal((0, FiveDollars, 0), await BooksAsync(hoster, payout));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(paid)));

        Assert.Single(outcomes, outcome => outcome == PaymentOutcomes.Booked);
        Assert.Equal(3, outcomes.Count(outcome => outcome == PaymentOutcomes.Duplicate));
        Assert.Equal(PaymentOutcomes.NoChange, await SendAsync(Event("payout.paid", PayoutObject(payout, "paid"))));
        Assert.Equal((0, 0, FiveDollars), await BooksAsync(hoster, payout));
    }

    [Theory]
    [InlineData("payout.failed", "\"status\":\"failed\",\"failure_code\":\"account_closed\"", "account_closed")]
    [InlineData("payout.canceled", "\"status\":\"canceled\"", "payout.canceled")]
    [InlineData("transfer.reversed", "\"reversed\":true", "transfer.reversed")]
    public async Task Payout_ThatNeverArrived_GivesTheClearedEarningsBackOnce(string type, string about, string reason)
    {
        var (hoster, payout) = await ApprovedPayoutAsync();
        var failed = Event(type, $"{about},{PayoutObject(payout, null)}");

        Assert.Equal(PaymentOutcomes.Booked, await SendAsync(failed));
        Assert.Equal(PaymentOutcomes.Duplicate, await SendAsync(failed));
        Assert.Equal(PaymentOutcomes.NoChange, await SendAsync(Event(type, $"{about},{PayoutObject(payout, null)}")));

        Assert.Equal((FiveDollars, 0, 0), await BooksAsync(hoster, payout));
        Assert.Equal(("failed", reason), await StateAsync(payout));

        // Stripe says that it was paid all the same: nothing moves here, and a person is told.
        Assert.Equal(PaymentOutcomes.Unmatched, await SendAsync(Event("payout.paid", PayoutObject(payout, "paid"))));
        Assert.Equal((FiveDollars, 0, 0), await BooksAsync(hoster, payout));
    }

    [Fact]
    public async Task Payout_PaidAndThenFailed_CameBackAndCanBePaidOutAgain()
    {
        var (hoster, payout) = await ApprovedPayoutAsync();
        Assert.Equal(PaymentOutcomes.Booked, await SendAsync(Event("payout.paid", PayoutObject(payout, "paid"))));

        Assert.Equal(PaymentOutcomes.Booked, await SendAsync(Event("payout.failed", "\"failure_code\":\"could_not_process\"," + PayoutObject(payout, "failed"))));

        Assert.Equal((FiveDollars, 0, 0), await BooksAsync(hoster, payout));
        Assert.Equal(("returned", "could_not_process"), await StateAsync(payout));
        await Payouts.ProposeAsync(new(FiveDollars), Token);
        Assert.NotEqual(payout, await PayoutOfAsync(hoster));
    }

    [Fact]
    public async Task Payout_ThatIsNobodysHereOrNotApprovedOrCameBackInPart_IsForAPersonToLookAt()
    {
        var hoster = await ClearedHosterAsync();
        await Payouts.ProposeAsync(new(FiveDollars), Token);
        var proposed = await PayoutOfAsync(hoster);

        Assert.Equal(PaymentOutcomes.Unmatched, await SendAsync(Event("payout.paid", PayoutObject(proposed, "paid"))));
        Assert.Equal(PaymentOutcomes.Unmatched, await SendAsync(Event("payout.paid", PayoutObject(Guid.ParseExact(Commands.NewRequest(), "N"), "paid"))));
        Assert.Equal(PaymentOutcomes.Unmatched, await SendAsync(Event("payout.failed", PayoutObject(Guid.ParseExact(Commands.NewRequest(), "N"), "failed"))));
        Assert.Equal(PaymentOutcomes.Unmatched, await SendAsync(Event("transfer.reversed", "\"amount_reversed\":100,\"reversed\":false," + PayoutObject(proposed, null))));
        Assert.Equal(PaymentOutcomes.Ignored, await SendAsync(Event("payout.paid", "\"id\":\"po_other\",\"object\":\"payout\",\"amount\":500,\"currency\":\"usd\",\"metadata\":{}")));

        Assert.Equal((FiveDollars, 0, 0), await BooksAsync(hoster, proposed));
        Assert.Equal(("proposed", ""), await StateAsync(proposed));
    }

    [Theory]
    [InlineData("payment_intent.succeeded", "\"id\":\"pi_4\",\"amount_received\":500,\"currency\":\"usd\",\"metadata\":{\"computeshare_account\":\"nobody\"}", "unmatched")]
    [InlineData("payment_intent.succeeded", "\"id\":\"pi_5\",\"amount_received\":500,\"currency\":\"eur\",\"metadata\":{\"computeshare_account\":\"nobody\"}", "unsupported_currency")]
    [InlineData("payment_intent.succeeded", "\"id\":\"pi_6\",\"amount_received\":500,\"currency\":\"usd\"", "ignored")]
    [InlineData("charge.refunded", "\"payment_intent\":\"pi_none\",\"amount_refunded\":500,\"currency\":\"usd\"", "unmatched")]
    [InlineData("invoice.finalized", "\"id\":\"in_1\"", "ignored")]
    public async Task Event_ThatIsNobodysHere_IsTakenAndBooksNothing(string type, string about, string outcome) =>
        Assert.Equal(outcome, await SendAsync(Event(type, about)));

    [Fact]
    public async Task Event_WithAWrongOldOrMissingSignature_IsRefused()
    {
        var body = Event("invoice.finalized", "\"id\":\"in_2\"");
        var now = TimeProvider.System.GetUtcNow();
        foreach (var signature in new[]
        {
            "", "t=1", $"t={now.ToUnixTimeSeconds()},v1=00", Signature(body, now.AddMinutes(-6)), Signature(body, now.AddMinutes(6)),
            Signature(body + " ", now), Signature(body, now, "whsec_of_somebody_else"),
        })
        {
            await Assert.ThrowsAsync<WebhookRefusedException>(() => AcceptAsync(body, signature));
        }

        // While Stripe changes a secret it signs with both.
        Assert.Equal("ignored", await AcceptAsync(body, $"{Signature(body, now, "whsec_old")},v1={Signature(body, now).Split("v1=")[1]}"));
        await Assert.ThrowsAsync<WebhookRefusedException>(() => AcceptAsync("[]", Signature("[]", now)));
    }

    [Fact]
    public async Task Provider_ThatIsNotConfigured_IsNone()
    {
        await using var plain = await RunningBilling.StartOnAsync(Billing.ConnectionString, Token);

        Assert.Null(await plain.Services.GetRequiredService<PaymentIntake>().AcceptAsync("stripe", Array.Empty<byte>(), "", Token));
    }

    private static string Charge(string payment, int refunded) =>
        $$""" "id":"ch_1","payment_intent":"{{payment}}","amount_refunded":{{refunded}},"currency":"usd" """;

    private static string Signature(string body, DateTimeOffset at, string secret = Secret)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}")))}";
    }

    private static string Event(string type, string about) =>
        $$"""{"id":"evt_{{Interlocked.Increment(ref _events)}}","object":"event","type":"{{type}}","data":{"object":{ {{about}} } } }""";

    private static string PayoutObject(Guid payout, string? status) =>
        (status is null ? "" : $"\"status\":\"{status}\",")
        + $$""" "id":"po_{{payout:N}}","object":"payout","amount":500,"currency":"usd","metadata":{"computeshare_payout":"{{payout:N}}"} """;

    private PayoutRegister Payouts => Billing.Services.GetRequiredService<PayoutRegister>();

    private async Task<(string Hoster, Guid Payout)> ApprovedPayoutAsync()
    {
        var hoster = await ClearedHosterAsync();
        await Payouts.ProposeAsync(new(FiveDollars), Token);
        var payout = await PayoutOfAsync(hoster);
        await Payouts.ApproveAsync(payout, Token);
        return (hoster, payout);
    }

    /// <summary>A hoster whom five dollars were earned and cleared for.</summary>
    private async Task<string> ClearedHosterAsync()
    {
        var offer = await Billing.NewOfferAsync(new(0, 0, 1_000_000), Token);
        var hoster = offer.Hoster;
        await Billing.ExecuteAsync(
            $"""
            WITH begun AS (INSERT INTO ledger_transactions (request_id, kind) VALUES ('{Commands.NewRequest()}', 'clear') RETURNING request_id)
            INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
            SELECT request_id, 'clear', n, '{hoster}', book, amount
            FROM begun, (VALUES (0, 'hoster:escrow', -{FiveDollars}), (1, 'hoster:cleared', {FiveDollars})) AS e (n, book, amount)
            """,
            Token);
        return hoster;
    }

    // The one on its way, or the last one.
    private async Task<Guid> PayoutOfAsync(string hoster)
    {
        await using var database = await Billing.OpenDatabaseAsync(Token);
        return await database.Payouts.Where(payout => payout.HosterId == hoster).OrderByDescending(payout => payout.Created).Select(payout => payout.Id).FirstAsync(Token);
    }

    private async Task<(string State, string Reason)> StateAsync(Guid payout)
    {
        await using var database = await Billing.OpenDatabaseAsync(Token);
        var row = await database.Payouts.AsNoTracking().SingleAsync(row => row.Id == payout, Token);
        return (row.State, row.Reason);
    }

    private async Task<(long Cleared, long Payable, long Paid)> BooksAsync(string hoster, Guid payout) => (
        await Billing.SumAsync(hoster, Books.HosterCleared, Token),
        await Billing.SumAsync(hoster, Books.HosterPayable, Token),
        await Billing.EntriesOfAsync(payout.ToString("N"), Books.PlatformPayout, Token));

    private async Task<string> PaidAsync(string payment, int cents)
    {
        var account = await Billing.NewConsumerAsync(0, Token);
        Assert.Equal(PaymentOutcomes.Booked, await SendAsync(Event("payment_intent.succeeded", $$"""
            "id":"{{payment}}","amount_received":{{cents}},"currency":"usd","metadata":{"computeshare_account":"{{account}}"}
            """)));
        return account;
    }

    private async Task SpendAsync(string account, uint nanoDollars)
    {
        var offer = await Billing.NewOfferAsync(new(0, 0, 1_000_000), Token);
        Assert.NotNull((await Billing.AnswerAsync(Commands.Settle(Commands.NewRequest(), account, Commands.Share(offer, 0, nanoDollars)), Token)).Settled);
    }

    private Task<string?> SendAsync(string body) => AcceptAsync(body, Signature(body, TimeProvider.System.GetUtcNow()));

    private Task<string?> AcceptAsync(string body, string signature) =>
        Billing.Services.GetRequiredService<PaymentIntake>().AcceptAsync("stripe", Encoding.UTF8.GetBytes(body), signature, Token);

    /// <summary>A Billing that takes Stripe's webhooks.</summary>
    public sealed class Endpoint(BillingFixture fixture) : IAsyncLifetime
    {
        private RunningBilling? _billing;

        public RunningBilling Billing => _billing!;

        public async ValueTask InitializeAsync() =>
            _billing = await RunningBilling.StartAsync(fixture.Postgres, CancellationToken.None, ("Payments:StripeWebhookSecret", Secret));

        public ValueTask DisposeAsync() => Billing.DisposeAsync();
    }
}
