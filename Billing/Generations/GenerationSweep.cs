using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Generations;

/// <summary>
/// Removes the records of old requests: a month's together, by dropping its partition when its last day is old enough, and those that have
/// no month's partition a few at a time. PostgreSQL's clock says what is old, and its function <c>forget_generations</c> does it, because
/// the services' role can drop nothing. Every replica sweeps; what another has is passed over.
/// </summary>
internal sealed class GenerationSweep(NpgsqlDataSource database, IOptions<RetentionOptions> options)
{
    private const int AtATime = 1000;

    public async Task<SweptGenerations> SweepAsync(CancellationToken cancellationToken)
    {
        var (months, removed) = (new List<string>(), 0);
        while (true)
        {
            await using var command = database.CreateCommand("SELECT dropped, removed FROM forget_generations($1, $2)");
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.Generations });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtATime });
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            months.AddRange(row.GetFieldValue<string[]>(0));
            removed += row.GetInt32(1);
            if (row.GetInt32(1) < AtATime)
            {
                return new SweptGenerations(months, removed);
            }
        }
    }
}

/// <param name="Months">Partitions that were dropped.</param>
/// <param name="Records">How many were removed one by one.</param>
internal sealed record SweptGenerations(IReadOnlyList<string> Months, int Records);
