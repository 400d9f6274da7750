using Npgsql;

namespace ComputeShare.Billing.Audit;

/// <summary>What an audit found: how many things of each kind are wrong.</summary>
/// <param name="Total">Nano-dollars that all entries sum to; not 0 means that money was made or lost.</param>
/// <param name="UnbalancedTransactions">Transactions whose entries do not sum to zero.</param>
/// <param name="WrongBalances">Consumers whose balance is not the sum of their entries.</param>
/// <param name="WrongHelds">Consumers of whom is held something else than their holds.</param>
/// <param name="WrongSums">Books of hosters and the platform whose rolled-up sum is not that of their entries.</param>
internal sealed record AuditReport(decimal Total, long UnbalancedTransactions, long WrongBalances, long WrongHelds, long WrongSums = 0)
{
    public long Differences => UnbalancedTransactions + WrongBalances + WrongHelds + WrongSums + (Total == 0 ? 0 : 1);
}

/// <summary>
/// Recomputes from the entries what the ledger's writers keep as balances. One statement, so that it sees one moment. Reads everything:
/// a background matter.
/// </summary>
internal sealed class LedgerAudit(NpgsqlDataSource database)
{
    private const int TimeoutSeconds = 600;

    private const string Audit = """
        WITH entries AS MATERIALIZED (SELECT request_id, kind, account_id, book, amount FROM ledger_entries),
        earned AS (SELECT account_id, sum(amount) AS amount FROM entries WHERE book = 'consumer:balance' GROUP BY account_id),
        reserved AS (SELECT account_id, sum(amount) AS amount FROM holds GROUP BY account_id),
        rolled_up AS (
            SELECT e.account_id, e.book, sum(e.amount) AS amount FROM entries e JOIN ledger_transactions t ON t.request_id = e.request_id AND t.kind = e.kind
            WHERE t.created < (SELECT through FROM roll_ups) AND e.book <> 'consumer:balance'
            GROUP BY e.account_id, e.book
        )
        SELECT
            (SELECT coalesce(sum(amount), 0) FROM entries),
            (SELECT count(*) FROM (SELECT FROM entries GROUP BY request_id, kind HAVING sum(amount) <> 0) AS unbalanced),
            (SELECT count(*) FROM accounts a LEFT JOIN earned e ON e.account_id = a.id WHERE a.balance <> coalesce(e.amount, 0)),
            (SELECT count(*) FROM accounts a LEFT JOIN reserved r ON r.account_id = a.id WHERE a.held <> coalesce(r.amount, 0)),
            (SELECT count(*) FROM rolled_up r FULL JOIN book_sums s ON s.account_id = r.account_id AND s.book = r.book
             WHERE coalesce(r.amount, 0) <> coalesce(s.amount, 0))
        """;

    public async Task<AuditReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Audit);
        command.CommandTimeout = TimeoutSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new AuditReport(row.GetDecimal(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4));
    }
}
