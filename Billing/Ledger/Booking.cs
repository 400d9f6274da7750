using System.Security.Cryptography;
using System.Text;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace ComputeShare.Billing.Ledger;

/// <summary>One side of a booking.</summary>
internal sealed record BookingEntry(string AccountId, string Book, Money Amount);

/// <summary>Books what is rare, inside the caller's transaction: once per (id, kind), which the database sees to.</summary>
internal static class Booking
{
    private const int RandomBytes = 10;

    private const string Begin = """
        INSERT INTO ledger_transactions (request_id, kind, reference) VALUES ($1, $2, $3) ON CONFLICT (request_id, kind) DO NOTHING
        """;

    private const string AddEntries = """
        INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
        SELECT $1, $2, n - 1, account_id, book, amount FROM unnest($3, $4, $5) WITH ORDINALITY AS e (account_id, book, amount, n)
        """;

    /// <summary>False: it was booked before, and nothing changed. Entries of nothing are left out.</summary>
    public static async Task<bool> TryAddAsync(
        NpgsqlConnection connection, Guid id, string kind, string? reference, IEnumerable<BookingEntry> entries, CancellationToken cancellationToken)
    {
        await using var begin = new NpgsqlCommand(Begin, connection)
        {
            Parameters =
            {
                Sql.Value(id),
                Sql.Value(kind),
                new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)reference ?? DBNull.Value },
            },
        };
        if (await begin.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return false;
        }

        var moved = entries.Where(entry => entry.Amount != Money.Zero).ToArray();
        await using var add = new NpgsqlCommand(AddEntries, connection)
        {
            Parameters =
            {
                Sql.Value(id),
                Sql.Value(kind),
                Sql.Value(Array.ConvertAll(moved, entry => entry.AccountId)),
                Sql.Value(Array.ConvertAll(moved, entry => entry.Book)),
                Sql.Value(Array.ConvertAll(moved, entry => entry.Amount.NanoDollars)),
            },
        };
        await add.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    /// <summary>An id made of a name, so that the name is booked once: of a UUIDv7's shape, at time zero, where no request's id lies.</summary>
    public static RequestId IdOf(string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, RandomBytes));
        _ = RequestId.TryParse($"0000000000007{hash[..3]}8{hash[3..18]}", out var id);
        return id;
    }
}
