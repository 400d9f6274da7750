namespace ComputeShare.Billing.Idempotency;

/// <summary>
/// The statements of keyed requests. Their rows are locked after accounts and holds, in the order of request ids, so that nobody waits
/// for one who waits for him; the heartbeat waits for nobody.
/// </summary>
internal static class KeyedSql
{
    /// <summary>Not if it was taken over meanwhile. $1 requests, $2 epochs, $3 answers.</summary>
    public const string Finish = """
        WITH mine AS (
            SELECT r.request_id, f.answer
            FROM unnest($1, $2, $3) AS f (request_id, owner_epoch, answer)
            JOIN idempotent_requests r ON r.request_id = f.request_id AND r.owner_epoch = f.owner_epoch
            WHERE r.finished_at IS NULL
            ORDER BY r.request_id FOR UPDATE OF r
        )
        UPDATE idempotent_requests SET finished_at = now(), answer = mine.answer
        FROM mine WHERE idempotent_requests.request_id = mine.request_id
        """;

    /// <summary>$1 requests, $2 epochs.</summary>
    public const string Forget = """
        WITH mine AS (
            SELECT r.request_id
            FROM unnest($1, $2) AS f (request_id, owner_epoch)
            JOIN idempotent_requests r ON r.request_id = f.request_id AND r.owner_epoch = f.owner_epoch
            WHERE r.finished_at IS NULL
            ORDER BY r.request_id FOR UPDATE OF r
        )
        DELETE FROM idempotent_requests USING mine WHERE idempotent_requests.request_id = mine.request_id
        """;

    /// <summary>The unique key decides who is first. $1 accounts, $2 keys, $3 requests, $4 hashes.</summary>
    public const string Begin = """
        INSERT INTO idempotent_requests (account_id, idempotency_key, request_id, body_hash)
        SELECT * FROM unnest($1, $2, $3, $4) AS b (account_id, idempotency_key, request_id, body_hash)
        ORDER BY b.account_id, b.idempotency_key
        ON CONFLICT DO NOTHING
        """;

    /// <summary>A statement of its own: it sees what <see cref="Begin"/> lost against. $1 accounts, $2 keys, $3 an owner's life.</summary>
    public const string Read = """
        SELECT r.account_id, r.idempotency_key, r.request_id, r.body_hash, r.owner_epoch, r.finished_at IS NOT NULL, r.answer,
            r.reported_at < now() - $3
        FROM unnest($1, $2) AS b (account_id, idempotency_key)
        JOIN idempotent_requests r ON r.account_id = b.account_id AND r.idempotency_key = b.idempotency_key
        """;

    /// <summary>$1 the request.</summary>
    public const string LockHold = "SELECT FROM holds WHERE request_id = $1 FOR UPDATE";

    /// <summary>$1 the request.</summary>
    public const string LockOne = "SELECT FROM idempotent_requests WHERE request_id = $1 FOR UPDATE";

    /// <summary>What is paid cannot be done again: its answer was lost with its owner. $1 the request, $2 an owner's life.</summary>
    public const string EndSettled = """
        UPDATE idempotent_requests r SET finished_at = now()
        WHERE request_id = $1 AND finished_at IS NULL AND reported_at < now() - $2
            AND EXISTS (SELECT FROM ledger_transactions t WHERE t.request_id = r.request_id AND t.kind = 'settle')
        """;

    /// <summary>
    /// The new owner begins with what is held, and nothing of what the dead one delivered is paid. $1 the request, $2 an owner's life.
    /// </summary>
    public const string TakeOver = """
        WITH taken AS (
            UPDATE idempotent_requests SET owner_epoch = owner_epoch + 1, reported_at = now()
            WHERE request_id = $1 AND finished_at IS NULL AND reported_at < now() - $2
            RETURNING request_id, owner_epoch
        ), fenced AS (
            UPDATE holds SET owner_epoch = taken.owner_epoch, seq = 0, checkpoint = NULL, checkpoint_tokens = 0, reported_at = now()
            FROM taken WHERE holds.request_id = taken.request_id
        )
        SELECT owner_epoch FROM taken
        """;

    /// <summary>Who may speak for these requests, until the transaction ends. $1 requests.</summary>
    public const string LockOwners = """
        SELECT request_id, owner_epoch FROM idempotent_requests WHERE request_id = ANY ($1) ORDER BY request_id FOR SHARE
        """;

    /// <summary>Rows that somebody works on are alive anyway. $1 requests, $2 epochs.</summary>
    public const string KeepAlive = """
        WITH alive AS (
            SELECT r.request_id
            FROM unnest($1, $2) AS h (request_id, owner_epoch)
            JOIN idempotent_requests r ON r.request_id = h.request_id AND r.owner_epoch = h.owner_epoch
            WHERE r.finished_at IS NULL
            FOR UPDATE OF r SKIP LOCKED
        )
        UPDATE idempotent_requests SET reported_at = now() FROM alive WHERE idempotent_requests.request_id = alive.request_id
        """;

    /// <summary>$1 how long they are kept, $2 how many at once.</summary>
    public const string Sweep = """
        DELETE FROM idempotent_requests WHERE request_id IN (
            SELECT request_id FROM idempotent_requests
            WHERE created < now() - $1 AND (finished_at IS NOT NULL OR reported_at < now() - interval '1 hour')
            ORDER BY created LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        """;
}
