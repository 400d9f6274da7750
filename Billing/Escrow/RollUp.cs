using ComputeShare.Billing.Persistence;
using Npgsql;

namespace ComputeShare.Billing.Escrow;

/// <summary>
/// Adds what was booked since the last time to the sums of hosters' and the platform's books, and to hosters' days. One at a time; several
/// replicas take turns. What it adds up is booked by its transaction's time, so that it stays some time behind the newest: a transaction
/// that began before must have ended. After PostgreSQL's clock was set back, what is booked gets the time up to which it has added up
/// (booking_time()), and so is added when that clock has caught up.
/// </summary>
internal sealed class RollUp(NpgsqlDataSource database)
{
    /// <summary>Several times what a statement may take.</summary>
    public static readonly TimeSpan Lag = TimeSpan.FromMinutes(2);

    // A first one reads everything there is.
    private const int TimeoutSeconds = 600;

    private const string LockProgress = "SELECT FROM roll_ups WHERE id = 1 FOR UPDATE";

    private static readonly string AddDays = $"""
        INSERT INTO hoster_days ({HosterDaySql.Columns})
        SELECT {HosterDaySql.Columns} FROM ({HosterDaySql.BookedSince("t.created < now() - $1")}) AS booked
        ORDER BY hoster_id, day, node_id, model
        ON CONFLICT (hoster_id, day, node_id, model) DO UPDATE SET
            requests = hoster_days.requests + EXCLUDED.requests, failures = hoster_days.failures + EXCLUDED.failures,
            failed_attempts = hoster_days.failed_attempts + EXCLUDED.failed_attempts,
            own_requests = hoster_days.own_requests + EXCLUDED.own_requests,
            prompt_tokens = hoster_days.prompt_tokens + EXCLUDED.prompt_tokens,
            cached_tokens = hoster_days.cached_tokens + EXCLUDED.cached_tokens,
            completion_tokens = hoster_days.completion_tokens + EXCLUDED.completion_tokens,
            earned = hoster_days.earned + EXCLUDED.earned, corrected = hoster_days.corrected + EXCLUDED.corrected
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
