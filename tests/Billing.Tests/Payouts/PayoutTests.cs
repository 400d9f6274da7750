using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Payouts;
using ComputeShare.Billing.Tests.Administration;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Payouts;

/// <summary>Only cleared earnings are paid out, by the operator's word, and each step that moves money is booked once.</summary>
[Trait("Category", "Integration")]
public sealed class PayoutTests(BillingFixture fixture) : IAsyncLifetime
{
    private const long Cleared = 25_000_000_000;

    private RunningBilling? _billing;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => _billing!;

    private AdminConsole Console => new(Billing.ConnectionString);

    public async ValueTask InitializeAsync() => _billing = await RunningBilling.StartAsync(fixture.Postgres, Token);

    public ValueTask DisposeAsync() => Billing.DisposeAsync();

    [Fact]
    public async Task Payout_FromProposalToPaid_MovesTheMoneyStepByStep()
    {
        var hoster = await NewHosterAsync(Cleared);
        await NewHosterAsync(9_999_999_999);

        var batch = await Console.OutputOfAsync("payouts", "propose");
        Assert.Equal("", await Console.OutputOfAsync("payouts", "propose"));
        var payout = (await PayoutsAsync(hoster)).Single();
        Assert.Equal((batch, Cleared), (payout.Batch, payout.Amount));
        Assert.Equal((Cleared, 0, 0), await BooksAsync(hoster));

        Assert.Equal("1 payouts are approved.", await Console.OutputOfAsync("payouts", "approve", batch));
        Assert.Equal((0, Cleared, 0), await BooksAsync(hoster));

        await Console.OutputOfAsync("payouts", "mark-paid", Id(payout), "--reference", "SEPA 1");
        var again = await Console.RunAsync("payouts", "mark-paid", Id(payout), "--reference", "SEPA 1");
        Assert.Equal((0, 0, Cleared), await BooksAsync(hoster));
        Assert.Equal((1, "Billing admin: The payout is paid, not approved."), (again.Code, again.Error));

        await Console.OutputOfAsync("payouts", "mark-returned", Id(payout), "--reason", "account closed");
        Assert.Equal((Cleared, 0, 0), await BooksAsync(hoster));
        Assert.Equal("returned", (await PayoutsAsync(hoster)).Single().State);
        Assert.Contains("account closed", await Console.OutputOfAsync("payouts", "list", "--state", "returned"), StringComparison.Ordinal);
        Assert.Equal(0, (await Billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token)).Differences);
    }

    [Fact]
    public async Task Payout_Statement_AddsUpToWhatIsPaid()
    {
        var hoster = await NewHosterAsync(Cleared);
        await Console.OutputOfAsync("payouts", "propose");
        var payout = (await PayoutsAsync(hoster)).Single();
        await Console.OutputOfAsync("payouts", "approve", Id(payout));

        var csv = (await Console.OutputOfAsync("payouts", "statement", Id(payout))).Split('\n');

        Assert.Equal("time,what,note,escrow,cleared,payable", csv[0]);
        Assert.Contains(csv, line => line.Contains(",clear,", StringComparison.Ordinal) && line.EndsWith(",-25.000000000,25.000000000,0.000000000", StringComparison.Ordinal));
        Assert.Equal(",sum,,-25.000000000,0.000000000,25.000000000", csv[^2]);
        Assert.Contains("25.000000000", csv[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Payout_ForfeitedAfterTheProposal_IsNotApproved()
    {
        var hoster = await NewHosterAsync(Cleared);
        var batch = await Console.OutputOfAsync("payouts", "propose");
        await Console.OutputOfAsync("hoster", "forfeit", hoster, "5", "--reason", "found out", "--from-cleared");

        var approved = await Console.RunAsync("payouts", "approve", batch);

        Assert.Equal("0 payouts are approved.", approved.Output);
        Assert.Contains("not as much cleared", approved.Error, StringComparison.Ordinal);
        Assert.Equal((20_000_000_000, 0, 0), await BooksAsync(hoster));
    }

    [Fact]
    public async Task Payout_ManyStepsAtOnce_HappenOnce()
    {
        var hoster = await NewHosterAsync(Cleared);
        var register = Billing.Services.GetRequiredService<PayoutRegister>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => register.ProposeAsync(new Money(1), Token)));
        var payout = (await PayoutsAsync(hoster)).Single();

        var steps = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TryAsync(() => register.ApproveAsync(payout.Id, Token))));
        var ends = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => TryAsync(() => i % 2 == 0
            ? register.MarkPaidAsync(payout.Id, "paid", Token)
            : register.MarkFailedAsync(payout.Id, "failed", Token))));

        Assert.Single(steps, done => done);
        Assert.Single(ends, done => done);
        var (cleared, payable, paid) = await BooksAsync(hoster);
        Assert.Equal((Cleared, 0L), (cleared + paid, payable));
    }

    private static async Task<bool> TryAsync(Func<Task> step)
    {
        try
        {
            await step();
            return true;
        }
        catch (PayoutStateException)
        {
            return false;
        }
    }

    private static string Id(Billing.Persistence.Rows.PayoutRow payout) => payout.Id.ToString("N");

    private async Task<List<Billing.Persistence.Rows.PayoutRow>> PayoutsAsync(string hoster)
    {
        await using var database = await Billing.OpenDatabaseAsync(Token);
        return await database.Payouts.AsNoTracking().Where(payout => payout.HosterId == hoster).ToListAsync(Token);
    }

    private async Task<(long Cleared, long Payable, long Paid)> BooksAsync(string hoster)
    {
        var paid = 0L;
        foreach (var payout in await PayoutsAsync(hoster))
        {
            paid += await Billing.EntriesOfAsync(Id(payout), Books.PlatformPayout, Token);
        }

        return (await Billing.SumAsync(hoster, Books.HosterCleared, Token), await Billing.SumAsync(hoster, Books.HosterPayable, Token), paid);
    }

    private async Task<string> NewHosterAsync(long cleared)
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        await Billing.ExecuteAsync(
            $"""
            WITH begun AS (INSERT INTO ledger_transactions (request_id, kind) VALUES ('{Commands.NewRequest()}', 'clear') RETURNING request_id)
            INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
            SELECT request_id, 'clear', n, '{hoster}', book, amount
            FROM begun, (VALUES (0, 'hoster:escrow', -{cleared}), (1, 'hoster:cleared', {cleared})) AS e (n, book, amount)
            """,
            Token);
        return hoster;
    }
}
