using ComputeShare.Billing.Persistence;

namespace ComputeShare.Billing.Settlement;

/// <summary>The statements of a group of settlements, in the order they run.</summary>
internal static class SettleSql
{
    // A transaction of its own after the group's: its commit is on disk only with everything that was committed before it. One
    // that has written nothing would not wait.
    public static readonly string[] FlushToDisk =
        ["BEGIN", Sql.CommitOnDisk, "SELECT pg_logical_emit_message(true, 'computeshare', '')", Sql.Commit];

    public const string LockHolds = """
        SELECT request_id, account_id, amount FROM holds WHERE request_id = ANY ($1) ORDER BY request_id FOR UPDATE
        """;

    // The unique key decides who is first; what it refuses, and what must not be settled, does not come back. $1 requests, $2 kinds,
    // $3 accounts, $4 from the reaper?, $5 how long a hold must have been silent, $6 who says it.
    public const string Begin = """
        INSERT INTO ledger_transactions (request_id, kind)
        SELECT c.request_id, c.kind
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

    public const string AddEntries = """
        INSERT INTO ledger_entries (request_id, kind, position, account_id, book, amount) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        """;

    public const string RemoveHolds = "DELETE FROM holds WHERE request_id = ANY ($1)";

    public const string AddGenerations = """
        INSERT INTO generations (
            request_id, account_id, status, record, shares, amount, key_id, model, prompt_tokens, cached_tokens, completion_tokens)
        SELECT g.request_id, g.account_id, g.status, g.record::jsonb, g.shares::jsonb, g.amount,
            g.key_id, g.model, g.prompt_tokens, g.cached_tokens, g.completion_tokens
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS g (
            request_id, account_id, status, record, shares, amount, key_id, model, prompt_tokens, cached_tokens, completion_tokens)
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
}
