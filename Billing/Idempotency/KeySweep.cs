using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Idempotency;

/// <summary>Forgets keys and answers that were kept long enough. Every replica sweeps; they pass over each other's rows.</summary>
internal sealed class KeySweep(NpgsqlDataSource database, IOptions<IdempotencyOptions> options)
{
    // Small enough that its locks are short.
    private const int MostAtOnce = 1000;

    /// <summary>One round; returns how many were forgotten.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var forgotten = 0;
        for (var last = MostAtOnce; last == MostAtOnce; forgotten += last)
        {
            await using var command = database.CreateCommand(KeyedSql.Sweep);
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Retention });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostAtOnce });
            last = await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return forgotten;
    }
}
