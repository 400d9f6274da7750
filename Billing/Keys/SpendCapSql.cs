namespace ComputeShare.Billing.Keys;

/// <summary>
/// The statements about spend caps. What is held of a key is the sum of its holds; what it has spent is kept with the cap, for the
/// window that the last settlement fell into. A statement that began before a window did, and ran after one of the window, counts into
/// it too.
/// </summary>
internal static class SpendCapSql
{
    /// <summary>$1 keys. Exact while the keys' accounts are locked.</summary>
    public const string Read = """
        SELECT c.key_id, c.period, c.amount,
            CASE WHEN c.began >= spend_window_start(c.period, now()) THEN c.spent ELSE 0 END,
            (SELECT coalesce(sum(h.amount), 0)::bigint FROM holds h WHERE h.account_id = c.account_id AND h.key_id = c.key_id),
            spend_window_end(c.period, now()), (extract(epoch FROM spend_window_end(c.period, now()) - now()) * 1000)::bigint
        FROM spend_caps c WHERE c.key_id = ANY ($1)
        ORDER BY c.key_id, spend_window_end(c.period, now()) NULLS LAST
        """;

    /// <summary>To be followed by what was paid by keys, each once, as "paid (key_id, account_id, amount)", and <see cref="WhereSpent"/>.</summary>
    public const string SetSpent = """
        UPDATE spend_caps c SET
            spent = CASE WHEN c.began >= spend_window_start(c.period, now()) THEN c.spent ELSE 0 END + paid.amount,
            began = greatest(c.began, spend_window_start(c.period, now()))
        """;

    public const string WhereSpent = "WHERE c.key_id = paid.key_id AND c.account_id = paid.account_id";

    /// <summary>$1 keys, each once, $2 their accounts, $3 what was paid.</summary>
    public const string Spend = $"{SetSpent} FROM unnest($1, $2, $3) AS paid (key_id, account_id, amount) {WhereSpent}";

    /// <summary>$1 key, $2 windows.</summary>
    public const string RemoveOthers = "DELETE FROM spend_caps WHERE key_id = $1 AND NOT period = ANY ($2)";

    /// <summary>$1 key, $2 its account, $3 windows, $4 amounts. A new cap knows what was spent of its first window.</summary>
    public const string Put = """
        INSERT INTO spend_caps (key_id, account_id, period, amount, spent, began)
        SELECT $1, $2, c.period, c.amount, (
                SELECT coalesce(sum(g.amount), 0)::bigint FROM generations g
                WHERE g.account_id = $2 AND g.key_id = $1 AND g.settled_at >= spend_window_start(c.period, now())),
            spend_window_start(c.period, now())
        FROM unnest($3, $4) AS c (period, amount)
        ON CONFLICT (key_id, period) DO UPDATE SET amount = EXCLUDED.amount
        """;
}
