using ComputeShare.Billing.Persistence;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Idempotency;

/// <summary>
/// Gives a request whose gateway fell silent to the gateway that a retry came to: request id and hold go over, and what the old owner
/// still says is rejected. A transaction of its own, because holds are locked before keyed requests.
/// </summary>
internal sealed class TakeOver(NpgsqlDataSource database, IOptions<IdempotencyOptions> options)
{
    /// <returns>The new owner's epoch; null: somebody else was quicker, the owner has spoken, or the request is paid already.</returns>
    public async Task<long?> RunAsync(Guid request, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var locks = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(Sql.CommitOnDisk), Command(KeyedSql.LockHold, request), Command(KeyedSql.LockOne, request) },
        })
        {
            await locks.ExecuteNonQueryAsync(cancellationToken);
        }

        // Statements after the locks see what their holders have committed.
        await using var take = new NpgsqlBatch(connection)
        {
            BatchCommands = { TimedCommand(KeyedSql.EndSettled, request), TimedCommand(KeyedSql.TakeOver, request) },
        };
        var epoch = await take.ExecuteScalarAsync(cancellationToken) as long?;
        await transaction.CommitAsync(cancellationToken);
        return epoch;
    }

    private NpgsqlBatchCommand TimedCommand(string sql, Guid request)
    {
        var command = Command(sql, request);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.OwnerLife });
        return command;
    }

    private static NpgsqlBatchCommand Command(string sql, Guid request) =>
        new(sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = request } } };
}
