using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Escrow;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Payouts;
using ComputeShare.Billing.Tests.Escrow;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ComputeShare.Billing.Tests.Ledger;

/// <summary>
/// Everything that moves money, in any order, each step possibly many times and at once: holds and settlements, corrections, top-ups, refunds and
/// disputes, clearing, forfeits and appeals, payouts. The ledger adds up after each, and no book that must not goes below zero.
/// </summary>
[Trait("Category", "Integration")]
public sealed class MoneyHistoryTests(BillingFixture fixture) : IAsyncLifetime
{
    private const int Histories = 2;
    private const int Length = 60;
    private const int Things = 4;

    private static readonly TokenPrice Price = new(3_333_333, 0, 17_777_777);

    private static readonly Gen<Step> Steps =
        from what in Gen.Frequency(
            (3, Gen.Constant(Act.TopUp)), (6, Gen.Constant(Act.Settle)), (2, Gen.Constant(Act.Hold)), (2, Gen.Constant(Act.Correct)),
            (2, Gen.Constant(Act.Refund)), (1, Gen.Constant(Act.Dispute)), (1, Gen.Constant(Act.WinDispute)), (4, Gen.Constant(Act.Clear)),
            (2, Gen.Constant(Act.Forfeit)), (1, Gen.Constant(Act.Appeal)), (2, Gen.Constant(Act.Propose)), (2, Gen.Constant(Act.Approve)),
            (2, Gen.Constant(Act.Pay)), (1, Gen.Constant(Act.Fail)), (1, Gen.Constant(Act.Return)))
        from which in Gen.Choose(0, Things - 1)
        from amount in Gen.Choose(1, 2000)
        from times in Gen.Frequency((3, Gen.Constant(1)), (1, Gen.Constant(3)))
        select new Step(what, which, amount, times);

    // What is left in escrow goes all the way, and comes back.
    private static readonly Step[] ToTheEnd =
    [
        .. Enumerable.Range(0, Things).Select(thing => new Step(Act.Settle, thing, 34, 2)), new Step(Act.Clear, 0, 1, 2), new Step(Act.Propose, 0, 50, 2),
        new Step(Act.Approve, 0, 1, 2), new Step(Act.Pay, 0, 1, 2), new Step(Act.Return, 0, 1, 2),
    ];

    private RunningBilling? _billing;

    private enum Act
    {
        TopUp,
        Settle,
        Hold,
        Correct,
        Refund,
        Dispute,
        WinDispute,
        Clear,
        Forfeit,
        Appeal,
        Propose,
        Approve,
        Pay,
        Fail,
        Return,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => _billing!;

    private NpgsqlDataSource Database => Billing.Services.GetRequiredService<NpgsqlDataSource>();

    public async ValueTask InitializeAsync() =>
        _billing = await RunningBilling.StartAsync(fixture.Postgres, Token, ("Escrow:Requests", "0"), ("Escrow:SuccessPercent", "0"));

    public ValueTask DisposeAsync() => Billing.DisposeAsync();

    [Fact]
    public async Task History_OfEverythingThatMovesMoney_KeepsEveryInvariant()
    {
        foreach (var history in Steps.ListOf().Sample(Length, Histories))
        {
            var world = new World(
                await Task.WhenAll(Enumerable.Range(0, Things).Select(_ => Billing.NewConsumerAsync(1000, Token))),
                await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Billing.NewOfferAsync(Price, Token))),
                [.. Enumerable.Range(0, Things).Select(_ => Guid.ParseExact(Commands.NewRequest(), "N"))]);
            foreach (var step in history.Concat(ToTheEnd))
            {
                await Task.WhenAll(Enumerable.Range(0, step.Times).Select(_ => RunAsync(world, step)));
            }

            var report = await Billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token);
            Assert.True(report.Differences == 0, $"{report} after {string.Join("; ", history)}");
            await CheckAsync(string.Join("; ", history));
        }

        // A history that moved nothing would prove nothing.
        foreach (var kind in new[] { TransactionKinds.TopUp, TransactionKinds.Settle, TransactionKinds.Clear, TransactionKinds.PayoutApproved, TransactionKinds.PayoutReturned })
        {
            Assert.True(await ScalarAsync($"SELECT count(*) FROM ledger_transactions WHERE kind = '{kind}'") > 0, kind);
        }
    }

    private static Guid Id(string request) => Guid.ParseExact(request, "N");

    private async Task RunAsync(World world, Step step)
    {
        var consumer = world.Consumers[step.Which];
        var offer = world.Offers[step.Which % world.Offers.Length];
        var topUp = world.TopUps[step.Which];
        switch (step.Act)
        {
            case Act.TopUp:
                _ = RequestId.TryParse(topUp.ToString("N"), out var id);
                await new TopUp(Database).BookAsync(id, consumer, new Money(step.Amount), Token);
                break;
            case Act.Settle:
                // Three times the same request when it comes three times.
                var request = world.RequestOf(step);
                await Billing.AnswerAsync(Commands.Settle(request, consumer, Commands.Share(offer, 10, (uint)step.Amount % 40 + 1)), Token);
                break;
            case Act.Hold:
                await Billing.AnswerAsync(Commands.Hold(world.RequestOf(step), consumer, offer, 10, (uint)step.Amount % 40 + 1), Token);
                break;
            case Act.Correct:
                await IgnoringAsync<ArgumentException>(() =>
                    new Refund(Database).BookAsync(Id(world.AnyRequest(step)), new Money(step.Amount % 300 + 1), $"r{step.Amount % 3}", Token));
                break;
            case Act.Refund:
                await ReverseAsync(connection => TopUpReversal.RefundAsync(connection, topUp, new Money(step.Amount), "refund", Token));
                break;
            case Act.Dispute:
                await ReverseAsync(connection => TopUpReversal.DisputeAsync(connection, topUp, new Money(step.Amount), "dispute", Token));
                break;
            case Act.WinDispute:
                await ReverseAsync(connection => TopUpReversal.WinDisputeAsync(connection, topUp, "won", Token));
                break;
            case Act.Clear:
                await Billing.Services.GetRequiredService<RollUp>().RunAsync(TimeSpan.Zero, Token);
                await EscrowTests.AgeAsync(Billing, Token);
                await Billing.Services.GetRequiredService<Clearing>().ClearAsync(Token);
                break;
            case Act.Forfeit:
                await IgnoringAsync<ArgumentException>(async () => world.Forfeits.Push(await new Forfeits(Database).ForfeitAsync(
                    offer.Hoster, step.Amount % 2 == 0 ? Books.HosterCleared : Books.HosterEscrow, new Money(step.Amount % 200 + 1), $"f{step.Amount % 5}", Token)));
                break;
            case Act.Appeal when world.Forfeits.TryPeek(out var forfeit):
                await new Forfeits(Database).AppealAsync(forfeit.Id, "appeal", Token);
                break;
            case Act.Propose or Act.Approve or Act.Pay or Act.Fail or Act.Return:
                await PayAsync(step);
                break;
        }
    }

    private async Task PayAsync(Step step)
    {
        var payouts = Billing.Services.GetRequiredService<PayoutRegister>();
        if (step.Act == Act.Propose)
        {
            await payouts.ProposeAsync(new Money(step.Amount % 50), Token);
            return;
        }

        await using var billing = await Billing.OpenDatabaseAsync(Token);
        foreach (var payout in await billing.Payouts.AsNoTracking().OrderByDescending(payout => payout.Created).Take(3).ToListAsync(Token))
        {
            await IgnoringAsync<PayoutStateException>(() => step.Act switch
            {
                Act.Approve => payouts.ApproveAsync(payout.Id, Token),
                Act.Pay => payouts.MarkPaidAsync(payout.Id, "paid", Token),
                Act.Fail => payouts.MarkFailedAsync(payout.Id, "failed", Token),
                _ => payouts.MarkReturnedAsync(payout.Id, "returned", Token),
            });
        }
    }

    private async Task ReverseAsync(Func<NpgsqlConnection, Task> reverse)
    {
        await using var connection = await Database.OpenConnectionAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await reverse(connection);
        await transaction.CommitAsync(Token);
    }

    private async Task CheckAsync(string history)
    {
        // Escrow alone may be below zero, after refunds of what has cleared.
        Assert.True(await ScalarAsync(
            """
            SELECT count(*) FROM (SELECT FROM ledger_entries WHERE book IN ('hoster:cleared', 'hoster:payable', 'consumer:balance')
                GROUP BY account_id, book HAVING sum(amount) < 0) AS below
            """) == 0, history);
        Assert.True(await ScalarAsync("SELECT count(*) FROM accounts WHERE balance < held OR held < 0") == 0, history);

        // What left is what is paid, what is set aside is what is approved.
        foreach (var (book, state) in new[] { ("platform:payout", "paid"), ("hoster:payable", "approved") })
        {
            Assert.True(await ScalarAsync(
                $"""
                SELECT (coalesce((SELECT sum(amount) FROM ledger_entries WHERE book = '{book}'), 0)
                    - coalesce((SELECT sum(amount) FROM payouts WHERE state = '{state}'), 0))::bigint
                """) == 0, $"{book} after {history}");
        }

        Assert.True(await ScalarAsync(
            """
            SELECT count(*) FROM (SELECT FROM ledger_entries WHERE book = 'platform:topup' GROUP BY request_id HAVING sum(amount) > 0) AS over
            """) == 0, $"more than was paid went back after {history}");
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    private static async Task IgnoringAsync<TRefusal>(Func<Task> act)
        where TRefusal : Exception
    {
        try
        {
            await act();
        }
        catch (TRefusal)
        {
            // A step that does not fit is refused, and changes nothing.
        }
    }

    private sealed record Step(Act Act, int Which, int Amount, int Times);

    private sealed record World(string[] Consumers, Offer[] Offers, Guid[] TopUps)
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<(int, int), string> _requests = [];

        public System.Collections.Concurrent.ConcurrentStack<Forfeited> Forfeits { get; } = [];

        public string RequestOf(Step step) => _requests.GetOrAdd((step.Which, step.Amount % 7), _ => Commands.NewRequest());

        public string AnyRequest(Step step) => _requests.Values.Order(StringComparer.Ordinal).ElementAtOrDefault(step.Amount % Math.Max(1, _requests.Count)) ?? Commands.NewRequest();
    }
}
