using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Ledger;

/// <summary>
/// Takes credit back whose money went back to who paid it. What is spent or held already cannot be taken, because no balance goes below
/// zero: the platform bears it. Each is a part of the caller's transaction.
/// </summary>
internal static class TopUpReversal
{
    private const string FindTopUp = """
        SELECT account_id, amount FROM ledger_entries WHERE request_id = $1 AND kind = 'topup' AND book = 'consumer:balance'
        """;

    private const string Lock = "SELECT balance - held FROM accounts WHERE id = $1 FOR NO KEY UPDATE";

    private const string ReadReversed = """
        SELECT coalesce(sum(amount), 0)::bigint, count(*) FILTER (WHERE kind LIKE 'refund-%') FROM ledger_entries
        WHERE request_id = $1 AND book = 'platform:topup' AND kind <> 'topup'
        """;

    private const string Take = "UPDATE accounts SET balance = balance - $2 WHERE id = $1";

    // As for a top-up: an account that had nothing left may be asked for again.
    private const string Give = "UPDATE accounts SET balance = balance + $2, key_version = key_version + (balance = 0)::int WHERE id = $1";

    private const string ReadDispute = "SELECT account_id, book, amount FROM ledger_entries WHERE request_id = $1 AND kind = 'dispute' ORDER BY position";

    /// <param name="connection">The caller's, in a transaction.</param>
    /// <param name="topUp">The top-up's id.</param>
    /// <param name="refundedInAll">What went back of it by now, so that a notice that comes twice, or late, changes nothing.</param>
    /// <param name="reference">Stands in the ledger.</param>
    /// <param name="cancellationToken">Before the commit, nothing has happened.</param>
    /// <returns>The account; null: there is no such top-up. And whether anything was booked.</returns>
    public static Task<(string? AccountId, bool Booked)> RefundAsync(
        NpgsqlConnection connection, Guid topUp, Money refundedInAll, string reference, CancellationToken cancellationToken) =>
        ReverseAsync(connection, topUp, reference, (paid, before, refunds) =>
            (Least(refundedInAll, paid) - before, $"{TransactionKinds.RefundPrefix}{refunds + 1}"), cancellationToken);

    /// <inheritdoc cref="RefundAsync"/>
    public static Task<(string? AccountId, bool Booked)> DisputeAsync(
        NpgsqlConnection connection, Guid topUp, Money disputed, string reference, CancellationToken cancellationToken) =>
        ReverseAsync(connection, topUp, reference, (paid, before, _) => (Least(disputed, paid - before), TransactionKinds.Dispute), cancellationToken);

    /// <summary>Gives back what a dispute took; once.</summary>
    public static async Task<(string? AccountId, bool Booked)> WinDisputeAsync(
        NpgsqlConnection connection, Guid topUp, string reference, CancellationToken cancellationToken)
    {
        var taken = new List<BookingEntry>();
        await using (var read = Sql.Command(connection, ReadDispute, Sql.Value(topUp)))
        await using (var rows = await read.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                taken.Add(new BookingEntry(rows.GetString(0), rows.GetString(1), Money.Zero - new Money(rows.GetInt64(2))));
            }
        }

        if (taken.Count == 0 || (await FindAsync(connection, topUp, cancellationToken)).AccountId is not { } account)
        {
            return (null, false);
        }

        await Sql.ExecuteAsync(connection, Lock, cancellationToken, Sql.Value(account));
        var back = taken.Where(entry => entry.Book == Books.ConsumerBalance).Sum(entry => entry.Amount.NanoDollars);
        if (!await Booking.TryAddAsync(connection, topUp, TransactionKinds.DisputeWon, reference, taken, cancellationToken))
        {
            return (account, false);
        }

        await Sql.ExecuteAsync(connection, Give, cancellationToken, Sql.Value(account), Sql.Value(back));
        return (account, true);
    }

    private static async Task<(string? AccountId, bool Booked)> ReverseAsync(
        NpgsqlConnection connection,
        Guid topUp,
        string reference,
        Func<Money, Money, long, (Money Amount, string Kind)> decide,
        CancellationToken cancellationToken)
    {
        var (account, paid) = await FindAsync(connection, topUp, cancellationToken);
        if (account is null)
        {
            return (null, false);
        }

        var available = new Money(await Sql.ScalarAsync<long>(connection, Lock, cancellationToken, Sql.Value(account)));
        Money before;
        long refunds;
        await using (var read = Sql.Command(connection, ReadReversed, Sql.Value(topUp)))
        await using (var row = await read.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            (before, refunds) = (new Money(row.GetInt64(0)), row.GetInt64(1));
        }

        var (amount, kind) = decide(paid, before, refunds);
        if (amount <= Money.Zero)
        {
            return (account, false);
        }

        var taken = Least(amount, available);
        BookingEntry[] entries =
        [
            new(account, Books.ConsumerBalance, Money.Zero - taken),
            new(PlatformAccount.Id, Books.PlatformLoss, taken - amount),
            new(PlatformAccount.Id, Books.PlatformTopUp, amount),
        ];
        if (!await Booking.TryAddAsync(connection, topUp, kind, reference, entries, cancellationToken))
        {
            return (account, false);
        }

        await Sql.ExecuteAsync(connection, Take, cancellationToken, Sql.Value(account), Sql.Value(taken.NanoDollars));
        return (account, true);
    }

    private static async Task<(string? AccountId, Money Paid)> FindAsync(NpgsqlConnection connection, Guid topUp, CancellationToken cancellationToken)
    {
        await using var find = Sql.Command(connection, FindTopUp, Sql.Value(topUp));
        await using var row = await find.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetString(0), new Money(row.GetInt64(1))) : (null, Money.Zero);
    }

    private static Money Least(Money a, Money b) => a < b ? a : b;
}
