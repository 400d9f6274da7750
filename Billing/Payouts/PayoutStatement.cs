using System.Globalization;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeShare.Billing.Payouts;

/// <summary>One line of a statement: what moved a hoster's money since the payout before.</summary>
internal sealed record StatementLine(DateTimeOffset At, string What, string Note, Money Escrow, Money Cleared, Money Payable);

/// <summary>What a payout is made of: each day's earnings, and everything else that was booked on the hoster until the payout ended.</summary>
internal sealed class PayoutStatement(NpgsqlDataSource database, IDbContextFactory<BillingDbContext> contexts)
{
    // Settlements are added up by day: a month may have a million.
    private const string Select = """
        SELECT CASE WHEN t.kind = 'settle' THEN date_trunc('day', t.created, 'UTC') ELSE t.created END AS at, t.kind, coalesce(t.reference, '') AS note,
            count(DISTINCT t.request_id) AS requests,
            coalesce(sum(e.amount) FILTER (WHERE e.book = 'hoster:escrow'), 0)::bigint,
            coalesce(sum(e.amount) FILTER (WHERE e.book = 'hoster:cleared'), 0)::bigint,
            coalesce(sum(e.amount) FILTER (WHERE e.book = 'hoster:payable'), 0)::bigint
        FROM ledger_transactions t JOIN ledger_entries e ON e.request_id = t.request_id AND e.kind = t.kind
        WHERE e.account_id = $1 AND t.created > $2 AND t.created <= $3
        GROUP BY 1, 2, 3, CASE WHEN t.kind = 'settle' THEN NULL ELSE t.request_id END
        ORDER BY 1, 2
        """;

    /// <exception cref="PayoutStateException">There is no such payout.</exception>
    public async Task<(string Hoster, Money Amount, string State, IReadOnlyList<StatementLine> Lines)> ReadAsync(Guid payout, CancellationToken cancellationToken)
    {
        await using var billing = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await billing.Payouts.AsNoTracking().Include(row => row.Hoster).SingleOrDefaultAsync(row => row.Id == payout, cancellationToken)
            ?? throw new PayoutStateException("There is no such payout.");
        var before = await billing.Payouts.AsNoTracking()
            .Where(other => other.HosterId == row.HosterId && other.State == PayoutStates.Paid && other.Created < row.Created)
            .MaxAsync(other => other.Ended, cancellationToken) ?? DateTimeOffset.UnixEpoch;
        var until = row.Ended ?? DateTimeOffset.MaxValue.AddYears(-1);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Sql.Command(connection, Select, Sql.Value(row.HosterId), Moment(before), Moment(until));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<StatementLine>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var requests = rows.GetInt64(3).ToString(CultureInfo.InvariantCulture);
            lines.Add(new StatementLine(
                rows.GetFieldValue<DateTimeOffset>(0),
                rows.GetString(1),
                rows.GetString(1) == "settle" ? $"{requests} requests" : rows.GetString(2),
                new Money(rows.GetInt64(4)),
                new Money(rows.GetInt64(5)),
                new Money(rows.GetInt64(6))));
        }

        return (row.Hoster!.Name, new Money(row.Amount), row.State, lines);
    }

    private static NpgsqlParameter<DateTime> Moment(DateTimeOffset at) => Sql.Value(at.UtcDateTime);
}
