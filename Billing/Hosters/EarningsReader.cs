using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts.Billing;
using Npgsql;

namespace ComputeShare.Billing.Hosters;

/// <summary>Adds up what a hoster's nodes were settled for, by model, node and day (UTC) as asked.</summary>
internal sealed class EarningsReader(NpgsqlDataSource database)
{
    private const int MostRows = 10_000;

    private static readonly string Select = $"""
        SELECT CASE WHEN $4 THEN model ELSE '' END, CASE WHEN $5 THEN node_id ELSE '' END, CASE WHEN $6 THEN day END,
            sum(requests + own_requests)::bigint, sum(prompt_tokens)::bigint, sum(cached_tokens)::bigint, sum(completion_tokens)::bigint,
            sum(earned + corrected)::bigint, sum(sum(earned + corrected)) OVER ()::bigint
        FROM ({HosterDays.OfHoster}) AS days
        WHERE day >= $2 AND day < $3
        GROUP BY 1, 2, 3
        HAVING sum(requests + own_requests) > 0 OR sum(earned + corrected) <> 0
        ORDER BY 3, 1, 2
        LIMIT $7
        """;

    public async Task<EarningsReport> ReadAsync(GetEarningsRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Sql.Command(
            connection,
            Select,
            Sql.Value(request.AccountId),
            Sql.Value(Day(request.From)),
            Sql.Value(Day(request.To)),
            Sql.Value(request.ByModel),
            Sql.Value(request.ByNode),
            Sql.Value(request.ByDay),
            Sql.Value(MostRows + 1));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var report = new EarningsReport();
        while (await rows.ReadAsync(cancellationToken))
        {
            report.Earned = rows.GetInt64(8);
            if (report.Rows.Count == MostRows)
            {
                report.IsCut = true;
                break;
            }

            report.Rows.Add(new EarningsRow
            {
                Model = rows.GetString(0),
                NodeId = rows.GetString(1),
                Day = await rows.IsDBNullAsync(2, cancellationToken) ? 0 : Milliseconds(rows.GetFieldValue<DateOnly>(2)),
                Requests = rows.GetInt64(3),
                PromptTokens = rows.GetInt64(4),
                CachedTokens = rows.GetInt64(5),
                CompletionTokens = rows.GetInt64(6),
                Earned = rows.GetInt64(7),
            });
        }

        return report;
    }

    private static DateOnly Day(long unixMilliseconds) => DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).UtcDateTime);

    private static long Milliseconds(DateOnly day) => new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();
}
