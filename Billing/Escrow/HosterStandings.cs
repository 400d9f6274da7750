using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Escrow;

/// <summary>How a hoster stands against the threshold, and what it has.</summary>
/// <param name="HosterId">Its account.</param>
/// <param name="Name">Its public name.</param>
/// <param name="Requests">Settled requests of others within the window.</param>
/// <param name="Failures">Those of them that its nodes failed after content had left.</param>
/// <param name="FailedAttempts">Attempts of others' requests that its nodes failed before any content, and were not settled for.</param>
/// <param name="SuspectNodes">Its nodes of which the last verdict on counts or probes was against them, or that are barred for them.</param>
/// <param name="Escrow">Below zero where refunds took back more than is there; later earnings make up for it.</param>
/// <param name="Clearable">What of it is old enough; may be below zero too.</param>
/// <param name="Cleared">What can be paid out.</param>
internal sealed record HosterStanding(
    string HosterId, string Name, long Requests, long Failures, long FailedAttempts, int SuspectNodes, Money Escrow, Money Clearable, Money Cleared)
{
    public bool Meets(EscrowOptions threshold) =>
        SuspectNodes == 0 && Requests >= threshold.Requests && (Requests - Failures) * 100 >= (Requests + FailedAttempts) * threshold.SuccessPercent;
}

/// <summary>Reads hosters' standings. What has been earned is clearable when its day was over for the threshold's age.</summary>
internal sealed class HosterStandings(NpgsqlDataSource database, IOptions<EscrowOptions> threshold)
{
    // What came after the last roll-up is read from the entries; all that was earned since is too young whatever the threshold says.
    private const string Select = """
        WITH recent AS MATERIALIZED (
            SELECT e.account_id, sum(e.amount) AS all_of_it, coalesce(sum(e.amount) FILTER (WHERE t.kind = 'settle'), 0) AS earned
            FROM ledger_transactions t JOIN ledger_entries e ON e.request_id = t.request_id AND e.kind = t.kind
            WHERE t.created >= (SELECT through FROM roll_ups) AND e.book = 'hoster:escrow'
            GROUP BY e.account_id
        ), days AS (
            SELECT hoster_id,
                coalesce(sum(requests) FILTER (WHERE day >= ((now() - $1) AT TIME ZONE 'UTC')::date), 0)::bigint AS requests,
                coalesce(sum(failures) FILTER (WHERE day >= ((now() - $1) AT TIME ZONE 'UTC')::date), 0)::bigint AS failures,
                coalesce(sum(failed_attempts) FILTER (WHERE day >= ((now() - $1) AT TIME ZONE 'UTC')::date), 0)::bigint AS failed_attempts,
                coalesce(sum(earned) FILTER (WHERE day >= ((now() - $2) AT TIME ZONE 'UTC')::date), 0) AS young
            FROM hoster_days WHERE day >= ((now() - greatest($1, $2)) AT TIME ZONE 'UTC')::date
            GROUP BY hoster_id
        ), suspects AS (
            SELECT n.hoster_id, count(DISTINCT n.id)::integer AS nodes
            FROM nodes n JOIN (
                SELECT node_id FROM node_counts WHERE found_in_row > 0 OR barred IS NOT NULL
                UNION ALL
                SELECT node_id FROM node_probes WHERE found_in_row > 0 OR barred IS NOT NULL
            ) AS found ON found.node_id = n.id
            GROUP BY n.hoster_id
        )
        SELECT a.id, a.name, coalesce(d.requests, 0), coalesce(d.failures, 0), coalesce(d.failed_attempts, 0), coalesce(f.nodes, 0),
            (coalesce(s.amount, 0) + coalesce(r.all_of_it, 0))::bigint,
            (coalesce(s.amount, 0) + coalesce(r.all_of_it - r.earned, 0) - coalesce(d.young, 0))::bigint,
            hoster_balance(a.id, 'hoster:cleared')
        FROM accounts a
        LEFT JOIN book_sums s ON s.account_id = a.id AND s.book = 'hoster:escrow'
        LEFT JOIN recent r ON r.account_id = a.id
        LEFT JOIN days d ON d.hoster_id = a.id
        LEFT JOIN suspects f ON f.hoster_id = a.id
        WHERE a.kind = 'hoster' AND ($3 = '' OR a.id = $3)
        ORDER BY a.name
        """;

    public async Task<IReadOnlyList<HosterStanding>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, "", cancellationToken);
    }

    /// <summary>Exact while the hoster's account is locked. Null: it is no hoster's.</summary>
    public async Task<HosterStanding?> FindAsync(NpgsqlConnection connection, string hosterId, CancellationToken cancellationToken) =>
        hosterId.Length > 0 ? (await ReadAsync(connection, hosterId, cancellationToken)).SingleOrDefault() : null;

    private async Task<List<HosterStanding>> ReadAsync(NpgsqlConnection connection, string hosterId, CancellationToken cancellationToken)
    {
        await using var command = Sql.Command(
            connection,
            Select,
            Sql.Value(threshold.Value.Window),
            Sql.Value(threshold.Value.Age),
            Sql.Value(hosterId));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var standings = new List<HosterStanding>();
        while (await rows.ReadAsync(cancellationToken))
        {
            standings.Add(new HosterStanding(
                rows.GetString(0),
                rows.GetString(1),
                rows.GetInt64(2),
                rows.GetInt64(3),
                rows.GetInt64(4),
                rows.GetInt32(5),
                new Money(rows.GetInt64(6)),
                new Money(rows.GetInt64(7)),
                new Money(rows.GetInt64(8))));
        }

        return standings;
    }
}
