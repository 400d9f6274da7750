using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Generations;

/// <summary>
/// Removes the records of old requests, a few at a time. A request's id begins with its time (UUIDv7), so the oldest are found by the
/// primary key, and PostgreSQL's clock says what is old. Every replica sweeps; what another has is passed over.
/// </summary>
internal sealed class GenerationSweep(NpgsqlDataSource database, IOptions<RetentionOptions> options)
{
    private const int AtATime = 1000;

    private const string Remove = """
        DELETE FROM generations WHERE request_id IN (
            SELECT request_id FROM generations
            WHERE request_id < (lpad(to_hex((extract(epoch FROM now() - $1) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
            ORDER BY request_id LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;

    /// <returns>How many were removed.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        while (true)
        {
            await using var command = database.CreateCommand(Remove);
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Generations });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtATime });
            var now = await command.ExecuteNonQueryAsync(cancellationToken);
            removed += now;
            if (now < AtATime)
            {
                return removed;
            }
        }
    }
}
