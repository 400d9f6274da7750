using ComputeShare.Billing.Persistence;
using Npgsql;

namespace ComputeShare.Billing.Escrow;

/// <summary>
/// Adds what was booked since the last time to the sums of hosters' and the platform's books, and to hosters' days. One at a time; several
/// replicas take turns. What it adds up is booked by its transaction's time, so that it stays some time behind the newest: a transaction
/// that began before must have ended.
/// </summary>
internal sealed class RollUp(NpgsqlDataSource database)
{
    /// <summary>Several times what a statement may take.</summary>
    public static readonly TimeSpan Lag = TimeSpan.FromMinutes(2);

    // A first one reads everything there is.
    private const int TimeoutSeconds = 600;

    private const string LockProgress = "SELECT FROM roll_ups WHERE id = 1 FOR UPDATE";

    private const string AddDays = """
        INSERT INTO hoster_days (hoster_id, day, requests, failures, own_requests, earned)
        SELECT hoster_id, day, count(*) FILTER (WHERE NOT own), count(*) FILTER (WHERE NOT own AND failed), count(*) FILTER (WHERE own), sum(amount)
        FROM (
            SELECT e.account_id AS hoster_id, (t.created AT TIME ZONE 'UTC')::date AS day, e.amount,
                coalesce(g.status = 3, false) AS failed,
                EXISTS (
                    SELECT FROM payment_sources h JOIN payment_sources c ON c.source = h.source
                    WHERE h.account_id = e.account_id AND c.account_id = g.account_id) AS own
            FROM ledger_transactions t
            JOIN ledger_entries e ON e.request_id = t.request_id AND e.kind = t.kind AND e.book = 'hoster:escrow'
            LEFT JOIN generations g ON g.request_id = t.request_id
            WHERE t.kind = 'settle' AND t.created >= (SELECT through FROM roll_ups) AND t.created < now() - $1
        ) AS settled
        GROUP BY hoster_id, day
        ORDER BY hoster_id, day
        ON CONFLICT (hoster_id, day) DO UPDATE SET
            requests = hoster_days.requests + EXCLUDED.requests, failures = hoster_days.failures + EXCLUDED.failures,
            own_requests = hoster_days.own_requests + EXCLUDED.own_requests, earned = hoster_days.earned + EXCLUDED.earned
        """;

    private const string AddBooks = """
        INSERT INTO book_sums (account_id, book, amount)
        SELECT e.account_id, e.book, sum(e.amount)
        FROM ledger_transactions t JOIN ledger_entries e ON e.request_id = t.request_id AND e.kind = t.kind
        WHERE t.created >= (SELECT through FROM roll_ups) AND t.created < now() - $1 AND e.book <> 'consumer:balance'
        GROUP BY 1, 2
        ORDER BY 1, 2
        ON CONFLICT (account_id, book) DO UPDATE SET amount = book_sums.amount + EXCLUDED.amount
        """;

    private const string Advance = "UPDATE roll_ups SET through = greatest(through, now() - $1)";

    /// <param name="lag">How far behind the newest it stays; <see cref="Lag"/> where anything else may book.</param>
    /// <param name="cancellationToken">Before the commit, nothing has happened.</param>
    public async Task RunAsync(TimeSpan lag, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Sql.ExecuteAsync(connection, LockProgress, cancellationToken);
        foreach (var sql in new[] { AddDays, AddBooks, Advance })
        {
            await using var command = Sql.Command(connection, sql, Sql.Value(lag));
            command.CommandTimeout = TimeoutSeconds;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
