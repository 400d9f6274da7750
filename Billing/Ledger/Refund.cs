using ComputeShare.Billing.Pricing;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Ledger;

/// <summary>What a correction did.</summary>
/// <param name="Amount">What the consumer got back.</param>
/// <param name="Booked">False: this reference was booked before, and nothing changed.</param>
internal sealed record Refunded(Money Amount, bool Booked);

/// <summary>
/// Gives a consumer back what a request cost, or a part of it: a new transaction, kind <c>correction-n</c>, beside the old one, which
/// stays. Who got the money gives it back, each in proportion. The consumer's account is locked before anything is read, as everywhere.
/// </summary>
internal sealed class Refund(NpgsqlDataSource database)
{
    private const string Lock = """
        SELECT FROM accounts WHERE kind = 'consumer' AND id IN (
            SELECT account_id FROM ledger_entries WHERE request_id = $1 AND book = 'consumer:balance')
        FOR NO KEY UPDATE
        """;

    private const string Read = """
        SELECT account_id, book, sum(amount)::bigint FROM ledger_entries
        WHERE request_id = $1 AND (kind = 'settle' OR kind LIKE 'correction-%')
        GROUP BY 1, 2 ORDER BY 2, 1
        """;

    private const string ReadBefore = """
        SELECT coalesce((
            SELECT sum(e.amount) FROM ledger_entries e WHERE e.request_id = t.request_id AND e.kind = t.kind AND e.book = 'consumer:balance'), 0)::bigint
        FROM ledger_transactions t WHERE t.request_id = $1 AND t.kind LIKE 'correction-%' AND t.reference = $2
        """;

    private const string Begin = """
        INSERT INTO ledger_transactions (request_id, kind, reference)
        SELECT $1, 'correction-' || 1 + coalesce(max(substr(kind, 12)::int), 0), $2
        FROM ledger_transactions WHERE request_id = $1 AND kind LIKE 'correction-%'
        RETURNING kind
        """;

    private const string AddEntries = """
        INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount)
        SELECT $1, $2, n, account_id, book, amount FROM unnest($3, $4, $5, $6) AS e (n, account_id, book, amount)
        """;

    // As for a top-up: an account that had nothing left may be asked for again.
    private const string GiveBack = """
        UPDATE accounts SET balance = balance + $2, key_version = key_version + (balance = 0)::int WHERE id = $1
        """;

    private const string TellGeneration = "UPDATE generations SET amount = amount - $2 WHERE request_id = $1";

    // A cap whose window has begun anew since knows nothing of the request any more.
    private const string TellCaps = """
        UPDATE spend_caps c SET spent = greatest(0, c.spent - $2) FROM generations g
        WHERE g.request_id = $1 AND c.key_id = g.key_id AND c.account_id = g.account_id AND c.began <= g.settled_at
        """;

    /// <summary>Once per request and reference.</summary>
    /// <param name="request">A settled one.</param>
    /// <param name="amount">Null: all that it cost.</param>
    /// <param name="reference">Why; stands in the ledger.</param>
    /// <param name="cancellationToken">Before the commit, nothing has happened.</param>
    /// <exception cref="ArgumentException">The request has not cost so much, or nothing.</exception>
    public async Task<Refunded> BookAsync(Guid request, Money? amount, string reference, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var accounts = Command(connection, Lock, request))
        {
            await accounts.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var before = Command(connection, ReadBefore, request, reference))
        {
            if (await before.ExecuteScalarAsync(cancellationToken) is long booked)
            {
                return new Refunded(new Money(booked), Booked: false);
            }
        }

        var books = await ReadAsync(connection, request, cancellationToken);
        var consumer = books.Find(book => book.Book == Books.ConsumerBalance);
        var refund = amount ?? new Money(-consumer.Amount);
        if (refund <= Money.Zero || refund.NanoDollars > -consumer.Amount)
        {
            throw new ArgumentException($"The request has cost {new Money(-consumer.Amount)}: no more can be given back.", nameof(amount));
        }

        await WriteAsync(connection, request, reference, consumer.Account, refund, books, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Refunded(refund, Booked: true);
    }

    private static async Task<List<(string Account, string Book, long Amount)>> ReadAsync(
        NpgsqlConnection connection, Guid request, CancellationToken cancellationToken)
    {
        await using var read = Command(connection, Read, request);
        await using var rows = await read.ExecuteReaderAsync(cancellationToken);
        var books = new List<(string, string, long)>();
        while (await rows.ReadAsync(cancellationToken))
        {
            books.Add((rows.GetString(0), rows.GetString(1), rows.GetInt64(2)));
        }

        return books;
    }

    private static async Task WriteAsync(
        NpgsqlConnection connection,
        Guid request,
        string reference,
        string consumer,
        Money refund,
        List<(string Account, string Book, long Amount)> books,
        CancellationToken cancellationToken)
    {
        var earners = books.Where(book => book.Amount > 0).ToArray();
        var parts = RevenueSplit.Of(refund, feeBasisPoints: 0, [.. earners.Select(earner => (Int128)earner.Amount)]).Hosters;
        (string Account, string Book, long Amount)[] entries =
        [
            (consumer, Books.ConsumerBalance, refund.NanoDollars),
            .. earners.Zip(parts, (earner, part) => (earner.Account, earner.Book, -part.NanoDollars)).Where(entry => entry.Item3 != 0),
        ];
        await using var begin = Command(connection, Begin, request, reference);
        var kind = (string)(await begin.ExecuteScalarAsync(cancellationToken))!;
        await using var add = new NpgsqlCommand(AddEntries, connection)
        {
            Parameters =
            {
                Value(request),
                Value(kind),
                Value(Enumerable.Range(0, entries.Length).Select(position => (short)position).ToArray()),
                Value(Array.ConvertAll(entries, entry => entry.Account)),
                Value(Array.ConvertAll(entries, entry => entry.Book)),
                Value(Array.ConvertAll(entries, entry => entry.Amount)),
            },
        };
        await add.ExecuteNonQueryAsync(cancellationToken);
        await using var give = Command(connection, GiveBack, consumer, refund.NanoDollars);
        await give.ExecuteNonQueryAsync(cancellationToken);
        await using var tellGeneration = Command(connection, TellGeneration, request, refund.NanoDollars);
        await tellGeneration.ExecuteNonQueryAsync(cancellationToken);
        await using var tellCaps = Command(connection, TellCaps, request, refund.NanoDollars);
        await tellCaps.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command<T>(NpgsqlConnection connection, string sql, T value) =>
        new(sql, connection) { Parameters = { Value(value) } };

    private static NpgsqlCommand Command<T1, T2>(NpgsqlConnection connection, string sql, T1 first, T2 second) =>
        new(sql, connection) { Parameters = { Value(first), Value(second) } };

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
