using ComputeShare.Billing.Keys;

namespace ComputeShare.Billing.Settlement;

/// <summary>The statements of a group of settlements.</summary>
internal static class SettleSql
{
    private const string EntryColumns = "request_id, kind, position, account_id, book, amount";

    private const string GenerationColumns =
        "request_id, account_id, status, record, shares, amount, key_id, model, prompt_tokens, cached_tokens, completion_tokens";

    private const string GenerationValues = """
        g.request_id, g.account_id, g.status, g.record::jsonb, g.shares::jsonb, g.amount,
        g.key_id, g.model, g.prompt_tokens, g.cached_tokens, g.completion_tokens
        """;

    public const string LockHolds = """
        SELECT request_id, account_id, amount FROM holds WHERE request_id = ANY ($1) ORDER BY request_id FOR UPDATE
        """;

    // The unique key decides who is first; what it refuses, and what must not be settled, does not come back. $1 requests, $2 kinds,
    // $3 accounts, $4 from the reaper?, $5 how long a hold must have been silent, $6 who says it. The time is the column's default, asked for
    // once and not for each row.
    public const string Begin = """
        INSERT INTO ledger_transactions (request_id, kind, created)
        SELECT c.request_id, c.kind, (SELECT booking_time())
        FROM unnest($1, $2, $3, $4, $6) AS c (request_id, kind, account_id, from_reaper, owner_epoch)
        JOIN accounts a ON a.id = c.account_id AND a.kind = 'consumer'
        LEFT JOIN holds h ON h.request_id = c.request_id
        WHERE CASE
            WHEN c.kind <> 'settle' THEN
                EXISTS (SELECT FROM generations g WHERE g.request_id = c.request_id AND g.account_id = c.account_id)
            WHEN c.from_reaper THEN h.account_id = c.account_id AND h.reported_at < now() - $5
            ELSE h.request_id IS NULL OR h.account_id = c.account_id
        END
            AND (c.owner_epoch = 0
                OR NOT EXISTS (SELECT FROM idempotent_requests r WHERE r.request_id = c.request_id AND r.owner_epoch > c.owner_epoch))
        ON CONFLICT (request_id, kind) DO NOTHING
        RETURNING request_id
        """;

    public const string ReadEarlier = """
        SELECT t.request_id, g.account_id, coalesce(g.status, 0),
            (SELECT coalesce(-sum(e.amount), 0)::bigint FROM ledger_entries e
             WHERE e.request_id = t.request_id AND e.kind = t.kind AND e.book = 'consumer:balance')
        FROM unnest($1, $2) AS c (request_id, kind)
        JOIN ledger_transactions t ON t.request_id = c.request_id AND t.kind = c.kind
        LEFT JOIN generations g ON g.request_id = t.request_id
        """;

    public const string AddEntries = $"INSERT INTO ledger_entries ({EntryColumns}) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)";

    public const string RemoveHolds = "DELETE FROM holds WHERE request_id = ANY ($1)";

    public const string AddGenerations = $"""
        INSERT INTO generations ({GenerationColumns})
        SELECT {GenerationValues} FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS g ({GenerationColumns})
        """;

    // A whole group in one statement, where it is plain: no other settlement has begun, and each request's hold is as much as its amount. $1 to
    // $11 generations, $12 to $17 entries, $18 to $20 what was paid by keys, $21 and $22 the least and the greatest request: by them, and not by a
    // list, PostgreSQL finds the months to look into.
    public const string SettlePlainly = $"""
        WITH g AS (
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS g ({GenerationColumns})
        ), covered AS (
            SELECT g.account_id, g.amount, h.amount AS held FROM g JOIN holds h ON h.request_id = g.request_id
            WHERE h.account_id = g.account_id AND h.amount >= g.amount
        ), change AS (
            SELECT account_id, sum(amount)::bigint AS paid, sum(held)::bigint AS held FROM covered GROUP BY account_id
        ), way_is_clear AS (
            SELECT WHERE (SELECT count(*) FROM covered) = cardinality($1)
                AND NOT EXISTS (
                    SELECT FROM change LEFT JOIN accounts ON accounts.id = change.account_id AND accounts.kind = 'consumer'
                    WHERE accounts.id IS NULL OR accounts.balance < accounts.held)
                AND NOT EXISTS (
                    SELECT FROM ledger_transactions WHERE request_id BETWEEN $21 AND $22 AND request_id = ANY ($1) AND kind = 'settle')
        ), begun AS (
            INSERT INTO ledger_transactions (request_id, kind, created)
            SELECT g.request_id, 'settle', (SELECT booking_time()) FROM g, way_is_clear
        ), funds AS (
            UPDATE accounts SET balance = accounts.balance - change.paid, held = accounts.held - change.held
            FROM change, way_is_clear WHERE accounts.id = change.account_id
        ), entered AS (
            INSERT INTO ledger_entries ({EntryColumns})
            SELECT e.* FROM unnest($12, $13, $14, $15, $16, $17) AS e, way_is_clear
        ), spent AS (
            {SpendCapSql.SetSpent} FROM unnest($18, $19, $20) AS paid (key_id, account_id, amount), way_is_clear {SpendCapSql.WhereSpent}
        ), released AS (
            DELETE FROM holds USING way_is_clear WHERE request_id = ANY ($1)
        )
        INSERT INTO generations ({GenerationColumns}) SELECT {GenerationValues} FROM g, way_is_clear
        """;

    public const string CorrectGenerations = """
        UPDATE generations SET amount = generations.amount + c.amount, shares = generations.shares || c.shares::jsonb,
            prompt_tokens = generations.prompt_tokens + c.prompt_tokens,
            cached_tokens = generations.cached_tokens + c.cached_tokens,
            completion_tokens = generations.completion_tokens + c.completion_tokens
        FROM unnest($1, $2, $3, $4, $5, $6) AS c (request_id, shares, amount, prompt_tokens, cached_tokens, completion_tokens)
        WHERE generations.request_id = c.request_id
        """;

    public const string RecordLate = """
        WITH late AS (
            INSERT INTO ledger_transactions (request_id, kind) SELECT unnest($1), 'late'
            ON CONFLICT (request_id, kind) DO NOTHING RETURNING request_id
        )
        UPDATE generations SET late_shares = l.shares::jsonb
        FROM unnest($1, $2) AS l (request_id, shares) JOIN late USING (request_id)
        WHERE generations.request_id = l.request_id
        """;

    /// <summary>
    /// A transaction of its own after the group's: its commit is on disk only with everything that was committed before it. One that has written
    /// nothing would not wait.
    /// </summary>
    public const string Flush = "SELECT set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'computeshare', '')";
}
