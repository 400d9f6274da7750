using ComputeShare.Contracts.Billing;
using Npgsql;
using NpgsqlTypes;

namespace ComputeShare.Billing.Usage;

/// <summary>Adds up what an account's settled requests used and cost, by key, model and day (UTC) as asked.</summary>
internal sealed class UsageReader(NpgsqlDataSource database)
{
    private const int MostRows = 10_000;

    private const string Select = """
        SELECT used.key_id, coalesce(k.name, ''), used.model, used.day, used.requests,
            used.prompt_tokens, used.cached_tokens, used.completion_tokens, used.amount
        FROM (
            SELECT CASE WHEN $5 THEN key_id ELSE '' END AS key_id, CASE WHEN $6 THEN model ELSE '' END AS model,
                CASE WHEN $7 THEN date_trunc('day', settled_at, 'UTC') END AS day,
                count(*) AS requests, sum(prompt_tokens)::bigint AS prompt_tokens, sum(cached_tokens)::bigint AS cached_tokens,
                sum(completion_tokens)::bigint AS completion_tokens, sum(amount)::bigint AS amount
            FROM generations
            WHERE account_id = $1 AND settled_at >= $2 AND settled_at < $3 AND ($4 = '' OR key_id = $4)
            GROUP BY 1, 2, 3
            ORDER BY 3, 1, 2
            LIMIT $8
        ) AS used
        LEFT JOIN api_keys k ON k.id = used.key_id AND k.account_id = $1
        ORDER BY used.day, used.key_id, used.model
        """;

    public async Task<UsageReport> ReadAsync(GetUsageRequest request, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(Value(request.AccountId));
        command.Parameters.Add(Moment(request.From));
        command.Parameters.Add(Moment(request.To));
        command.Parameters.Add(Value(request.KeyId));
        command.Parameters.Add(Value(request.ByKey));
        command.Parameters.Add(Value(request.ByModel));
        command.Parameters.Add(Value(request.ByDay));
        command.Parameters.Add(Value(MostRows + 1));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var report = new UsageReport();
        while (await rows.ReadAsync(cancellationToken))
        {
            if (report.Rows.Count == MostRows)
            {
                report.IsCut = true;
                break;
            }

            report.Rows.Add(new UsageRow
            {
                KeyId = rows.GetString(0),
                KeyName = rows.GetString(1),
                Model = rows.GetString(2),
                Day = await rows.IsDBNullAsync(3, cancellationToken) ? 0 : rows.GetFieldValue<DateTimeOffset>(3).ToUnixTimeMilliseconds(),
                Requests = rows.GetInt64(4),
                PromptTokens = rows.GetInt64(5),
                CachedTokens = rows.GetInt64(6),
                CompletionTokens = rows.GetInt64(7),
                Amount = rows.GetInt64(8),
            });
        }

        return report;
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<DateTime> Moment(long unixMilliseconds) => new()
    {
        NpgsqlDbType = NpgsqlDbType.TimestampTz,
        TypedValue = DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).UtcDateTime,
    };
}
