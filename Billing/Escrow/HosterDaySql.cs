namespace ComputeShare.Billing.Escrow;

/// <summary>
/// From what is booked to hosters' days. A hoster's part of a request is one entry of the ledger, so that it is told of one node: of several
/// that served the request, of the one that served the most. Sums are the ledger's to the nano-dollar.
/// </summary>
internal static class HosterDaySql
{
    public const string Columns = """
        hoster_id, day, node_id, model, requests, failures, failed_attempts, own_requests, prompt_tokens, cached_tokens, completion_tokens, earned, corrected
        """;

    private const string Own = """
        EXISTS (
            SELECT FROM payment_sources h JOIN payment_sources c ON c.source = h.source
            WHERE h.account_id = hoster_id AND c.account_id = b.consumer)
        """;

    /// <summary>The days, by <see cref="Columns"/>, of what was booked since the last roll-up.</summary>
    /// <param name="until">A condition on <c>t.created</c>, or <c>true</c>.</param>
    public static string BookedSince(string until) => $"""
        WITH booked AS (
            SELECT t.request_id, t.kind, (t.created AT TIME ZONE 'UTC')::date AS day,
                g.account_id AS consumer, coalesce(g.model, '') AS model, g.shares, g.record -> 'failedAttempts' AS attempts
            FROM ledger_transactions t LEFT JOIN generations g ON g.request_id = t.request_id
            WHERE (t.kind = 'settle' OR t.kind LIKE 'correction-%') AND t.created >= (SELECT through FROM roll_ups) AND {until}
        ), served AS (
            SELECT b.*, who.*, {Own} AS own
            FROM booked b CROSS JOIN LATERAL (
                SELECT coalesce(e.account_id, s.hoster_id) AS hoster_id, coalesce(s.node_id, '') AS node_id, coalesce(e.amount, 0) AS amount,
                    s.prompt_tokens, s.cached_tokens, s.completion_tokens
                FROM (
                    SELECT account_id, amount FROM ledger_entries WHERE request_id = b.request_id AND kind = b.kind AND book = 'hoster:escrow'
                ) AS e
                FULL JOIN (
                    SELECT n.hoster_id, (array_agg(n.id ORDER BY "completionTokens" DESC NULLS LAST, n.id))[1] AS node_id,
                        sum("promptTokens") AS prompt_tokens, sum("cachedTokens") AS cached_tokens, sum("completionTokens") AS completion_tokens
                    FROM jsonb_to_recordset(b.shares) AS share (
                        "nodeId" text, "promptTokens" bigint, "cachedTokens" bigint, "completionTokens" bigint)
                    JOIN nodes n ON n.id = share."nodeId"
                    GROUP BY n.hoster_id
                ) AS s ON s.hoster_id = e.account_id
            ) AS who
        ), failed AS (
            SELECT b.day, n.hoster_id, n.id AS node_id, coalesce(attempt."modelId", '') AS model
            FROM booked b CROSS JOIN LATERAL jsonb_to_recordset(b.attempts) AS attempt ("nodeId" text, "modelId" text)
            JOIN nodes n ON n.id = attempt."nodeId"
            WHERE b.kind = 'settle' AND NOT {Own}
                AND NOT EXISTS (SELECT FROM jsonb_to_recordset(b.shares) AS share ("nodeId" text) WHERE share."nodeId" = n.id)
        ), counted AS (
            SELECT hoster_id, day, node_id, model,
                NOT own AS is_request,
                NOT own AND EXISTS (SELECT FROM jsonb_to_recordset(attempts) AS attempt ("nodeId" text) WHERE attempt."nodeId" = node_id) AS is_failure,
                false AS is_failed_attempt, own AS is_own, prompt_tokens, cached_tokens, completion_tokens, amount AS earned, 0 AS corrected
            FROM served WHERE kind = 'settle'
            UNION ALL
            SELECT hoster_id, day, node_id, model, false, false, false, false, 0, 0, 0, 0, amount FROM served WHERE kind <> 'settle' AND amount <> 0
            UNION ALL
            SELECT hoster_id, day, node_id, model, false, false, true, false, 0, 0, 0, 0, 0 FROM failed
        )
        SELECT hoster_id, day, node_id, model,
            count(*) FILTER (WHERE is_request) AS requests, count(*) FILTER (WHERE is_failure) AS failures,
            count(*) FILTER (WHERE is_failed_attempt) AS failed_attempts, count(*) FILTER (WHERE is_own) AS own_requests,
            coalesce(sum(prompt_tokens), 0)::bigint AS prompt_tokens, coalesce(sum(cached_tokens), 0)::bigint AS cached_tokens,
            coalesce(sum(completion_tokens), 0)::bigint AS completion_tokens, sum(earned)::bigint AS earned, sum(corrected)::bigint AS corrected
        FROM counted
        GROUP BY hoster_id, day, node_id, model
        """;
}
