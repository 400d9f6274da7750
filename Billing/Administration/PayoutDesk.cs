using System.Globalization;
using System.Text;
using ComputeShare.Billing.Payouts;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Administration;

/// <summary>The operator's way to payouts, by their ids or a whole batch's.</summary>
internal sealed class PayoutDesk(PayoutRegister payouts, PayoutStatement statements, IDbContextFactory<BillingDbContext> database)
{
    private const string Moment = "yyyy-MM-ddTHH:mm:ssZ";

    public Task<(string Batch, int Payouts)> ProposeAsync(Money least, CancellationToken cancellationToken) => payouts.ProposeAsync(least, cancellationToken);

    /// <returns>Why those that could not be approved were not, and how many were.</returns>
    /// <exception cref="AdministrationException">There is no such batch or payout.</exception>
    public async Task<(int Approved, IReadOnlyList<string> Refused)> ApproveAsync(string batchOrPayout, CancellationToken cancellationToken)
    {
        var (approved, refused) = (0, new List<string>());
        foreach (var payout in await FindAsync(batchOrPayout, cancellationToken))
        {
            try
            {
                await payouts.ApproveAsync(payout.Id, cancellationToken);
                approved++;
            }
            catch (PayoutStateException error)
            {
                refused.Add($"{payout.Id:N}: {error.Message}");
            }
        }

        return (approved, refused);
    }

    /// <exception cref="AdministrationException">It cannot be what it should become.</exception>
    public async Task MoveAsync(string payout, string to, string note, CancellationToken cancellationToken)
    {
        var id = (await FindAsync(payout, cancellationToken)) is [var only] && only.Id.ToString("N") == payout
            ? only.Id
            : throw new AdministrationException("One payout at a time: `admin payouts list` shows their ids.");
        try
        {
            await (to switch
            {
                PayoutStates.Paid => payouts.MarkPaidAsync(id, note, cancellationToken),
                PayoutStates.Failed => payouts.MarkFailedAsync(id, note, cancellationToken),
                _ => payouts.MarkReturnedAsync(id, note, cancellationToken),
            });
        }
        catch (PayoutStateException refused)
        {
            throw new AdministrationException(refused.Message);
        }
    }

    public async Task<IReadOnlyList<PayoutRow>> ListAsync(string? state, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        return await billing.Payouts.AsNoTracking().Include(payout => payout.Hoster)
            .Where(payout => state == null || payout.State == state)
            .OrderBy(payout => payout.Created).ThenBy(payout => payout.Id)
            .ToListAsync(cancellationToken);
    }

    /// <summary>As CSV: amounts in dollars, a column for each book of the hoster's, their sums below.</summary>
    public async Task<string> StatementAsync(string payout, CancellationToken cancellationToken)
    {
        var id = (await FindAsync(payout, cancellationToken))[0].Id;
        var (hoster, amount, state, lines) = await statements.ReadAsync(id, cancellationToken);
        var csv = new StringBuilder("time,what,note,escrow,cleared,payable\n");
        foreach (var line in lines)
        {
            csv.AppendJoin(',', Time(line.At), line.What, Quoted(line.Note), line.Escrow, line.Cleared, line.Payable).Append('\n');
        }

        csv.AppendJoin(',', "", "sum", "", Sum(line => line.Escrow), Sum(line => line.Cleared), Sum(line => line.Payable)).Append('\n');
        return csv.Append(CultureInfo.InvariantCulture, $",payout,{Quoted($"{hoster}: {state}")},,{amount},").ToString();

        Money Sum(Func<StatementLine, Money> of) => new(lines.Sum(line => of(line).NanoDollars));
    }

    public static string Time(DateTimeOffset? at) => at?.UtcDateTime.ToString(Moment, CultureInfo.InvariantCulture) ?? "-";

    private async Task<List<PayoutRow>> FindAsync(string batchOrPayout, CancellationToken cancellationToken)
    {
        _ = Guid.TryParseExact(batchOrPayout, "N", out var id);
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var found = await billing.Payouts.AsNoTracking()
            .Where(payout => payout.Id == id || payout.Batch == batchOrPayout)
            .OrderBy(payout => payout.Id)
            .ToListAsync(cancellationToken);
        return found.Count > 0 ? found : throw new AdministrationException("There is no such batch or payout.");
    }

    // A spreadsheet takes what begins so for a formula; notes are text.
    private static string Quoted(string text) =>
        $"\"{(text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
