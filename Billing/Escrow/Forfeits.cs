using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Escrow;

/// <summary>A forfeit as it stands in the ledger.</summary>
internal sealed record Forfeited(RequestId Id, Money Amount, bool Booked);

/// <summary>
/// Takes earnings that have not been paid out from a hoster, for a reason, and gives them back on appeal. Both are entries: what was
/// forfeited stays to be seen.
/// </summary>
internal sealed class Forfeits(NpgsqlDataSource database)
{
    private const string ReadForfeit = """
        SELECT account_id, book, amount FROM ledger_entries WHERE request_id = $1 AND kind = 'forfeit' ORDER BY position
        """;

    /// <summary>Once per hoster and reason.</summary>
    /// <param name="hosterId">Who gives up.</param>
    /// <param name="book">From where: escrow or what is cleared.</param>
    /// <param name="amount">Null: all that is there.</param>
    /// <param name="reason">Stands in the ledger.</param>
    /// <param name="cancellationToken">Before the commit, nothing has happened.</param>
    /// <exception cref="ArgumentException">No hoster, or it has not so much there.</exception>
    public async Task<Forfeited> ForfeitAsync(string hosterId, string book, Money? amount, string reason, CancellationToken cancellationToken)
    {
        var id = Booking.IdOf($"forfeit:{hosterId}:{reason}");
        var key = Guid.ParseExact(id.Value, "N");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await HosterLock.TakeAsync(connection, hosterId, cancellationToken))
        {
            throw new ArgumentException("No hoster has this account.", nameof(hosterId));
        }

        if (await ReadAsync(connection, key, cancellationToken) is { Count: > 0 } before)
        {
            return new Forfeited(id, Money.Zero - before[0].Amount, Booked: false);
        }

        var there = await HosterLock.BalanceAsync(connection, hosterId, book, cancellationToken);
        var given = amount ?? there;
        if (given <= Money.Zero || given > there)
        {
            throw new ArgumentException($"{book} of this hoster has {there}: no more can be forfeited.", nameof(amount));
        }

        await Booking.TryAddAsync(
            connection,
            key,
            TransactionKinds.Forfeit,
            reason,
            [new BookingEntry(hosterId, book, Money.Zero - given), new BookingEntry(PlatformAccount.Id, Books.PlatformForfeit, given)],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Forfeited(id, given, Booked: true);
    }

    /// <summary>Gives a forfeit back whole, to the book it came from; once.</summary>
    /// <exception cref="ArgumentException">There is no such forfeit.</exception>
    public async Task<Forfeited> AppealAsync(RequestId forfeit, string reason, CancellationToken cancellationToken)
    {
        var key = Guid.ParseExact(forfeit.Value, "N");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var taken = await ReadAsync(connection, key, cancellationToken);
        if (taken.Count == 0)
        {
            throw new ArgumentException("There is no such forfeit.", nameof(forfeit));
        }

        var back = taken.Select(entry => entry with { Amount = Money.Zero - entry.Amount }).ToArray();
        var booked = await Booking.TryAddAsync(connection, key, TransactionKinds.Appeal, reason, back, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Forfeited(forfeit, back[0].Amount, booked);
    }

    private static async Task<List<BookingEntry>> ReadAsync(NpgsqlConnection connection, Guid forfeit, CancellationToken cancellationToken)
    {
        await using var read = Sql.Command(connection, ReadForfeit, Sql.Value(forfeit));
        await using var rows = await read.ExecuteReaderAsync(cancellationToken);
        var entries = new List<BookingEntry>();
        while (await rows.ReadAsync(cancellationToken))
        {
            entries.Add(new BookingEntry(rows.GetString(0), rows.GetString(1), new Money(rows.GetInt64(2))));
        }

        return entries;
    }
}
