using ComputeShare.Billing.Grouping;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Sessions;
using ComputeShare.Contracts.Billing;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace ComputeShare.Billing.Idempotency;

/// <summary>
/// Begins and finishes the keyed requests of a group in one transaction and one round trip. On disk before it is answered: a record that
/// is lost would let a retry pay twice.
/// </summary>
internal sealed class KeyedRequestWriter(LaneDatabase database, TakeOver takeOver, IOptions<IdempotencyOptions> options)
    : IGroupWork<KeyedChange>
{
    public string Lane => "idempotency";

    public Guid RequestOf(KeyedChange command) => command.RequestId;

    // What nobody waits for any more need not begin; what has ended has.
    public bool MayBeDropped(KeyedChange command) => command is BeginKeyed;

    public async Task<IReadOnlyList<BillingAnswer>> RunInOneTransactionAsync(
        IReadOnlyList<KeyedChange> group, CancellationToken cancellationToken)
    {
        var known = await WriteAsync(group, cancellationToken);
        var answers = new List<BillingAnswer>(group.Count);
        var tried = new HashSet<Guid>();
        foreach (var command in group)
        {
            var request = command is BeginKeyed ? known.GetValueOrDefault((command.AccountId, command.Key)) : null;
            answers.Add(command switch
            {
                BeginKeyed begin when request is { OwnerIsSilent: true, IsFinished: false } && request.IsSameBody(begin) && tried.Add(request.RequestId) =>
                    await takeOver.RunAsync(request.RequestId, cancellationToken) is { } epoch
                        ? Begun(IdempotentState.Owned, request.RequestId, epoch)
                        : Begun(IdempotentState.InFlight),
                BeginKeyed begin => Decide(begin, request),
                _ => Answers.Done(),
            });
        }

        return answers;
    }

    private static BillingAnswer Decide(BeginKeyed command, KeyedRequest? request) => request switch
    {
        // Freed between two statements: the next try begins it.
        null => Begun(IdempotentState.InFlight),
        _ when !request.IsSameBody(command) => Begun(IdempotentState.OtherBody),
        { IsFinished: true, Answer: { } answer } => Begun(IdempotentState.Finished, request.RequestId, request.OwnerEpoch, answer),
        { IsFinished: true } => Begun(IdempotentState.NotKept, request.RequestId, request.OwnerEpoch),
        _ when request.RequestId == command.RequestId => Begun(IdempotentState.Owned, request.RequestId, request.OwnerEpoch),
        _ => Begun(IdempotentState.InFlight),
    };

    private static BillingAnswer Begun(IdempotentState state, Guid request = default, long epoch = 0, byte[]? answer = null) => new()
    {
        IdempotentBegun = new IdempotentBegun
        {
            State = state,
            RequestId = request == default ? "" : request.ToString("N"),
            OwnerEpoch = (uint)epoch,
            Answer = answer is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(answer),
        },
    };

    private async Task<Dictionary<(string, string), KeyedRequest>> WriteAsync(IReadOnlyList<KeyedChange> group, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(Sql.CommitOnDisk) } };

        // What ends first makes its key known, or free, to what begins in the same group.
        var ended = group.OfType<FinishKeyed>().ToLookup(finish => finish.Forget);
        AddFinish(batch, [.. ended[false]]);
        AddForget(batch, [.. ended[true]]);
        var begun = group.OfType<BeginKeyed>().DistinctBy(begin => (begin.AccountId, begin.Key)).ToArray();
        if (begun.Length == 0)
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return [];
        }

        AddBegin(batch, begun);
        var known = await ReadAsync(batch, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return known;
    }

    private static void AddFinish(NpgsqlBatch batch, FinishKeyed[] finished)
    {
        if (finished.Length > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(KeyedSql.Finish)
            {
                Parameters =
                {
                    Sql.Column(finished, finish => finish.RequestId),
                    Sql.Column(finished, finish => finish.OwnerEpoch),
                    new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, Value = Array.ConvertAll(finished, finish => finish.Answer) },
                },
            });
        }
    }

    private static void AddForget(NpgsqlBatch batch, FinishKeyed[] forgotten)
    {
        if (forgotten.Length > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(KeyedSql.Forget)
            {
                Parameters = { Sql.Column(forgotten, finish => finish.RequestId), Sql.Column(forgotten, finish => finish.OwnerEpoch) },
            });
        }
    }

    private void AddBegin(NpgsqlBatch batch, BeginKeyed[] begun)
    {
        var (accounts, keys) = (Sql.Column(begun, begin => begin.AccountId), Sql.Column(begun, begin => begin.Key));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(KeyedSql.Begin)
        {
            Parameters = { accounts, keys, Sql.Column(begun, begin => begin.RequestId), Sql.Column(begun, begin => begin.BodyHash) },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(KeyedSql.Read)
        {
            Parameters = { accounts.Clone(), keys.Clone(), new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.OwnerLife } },
        });
    }

    private static async Task<Dictionary<(string, string), KeyedRequest>> ReadAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        var known = new Dictionary<(string, string), KeyedRequest>();
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            known.Add((rows.GetString(0), rows.GetString(1)), new KeyedRequest(
                rows.GetGuid(2),
                rows.GetFieldValue<byte[]>(3),
                rows.GetInt64(4),
                rows.GetBoolean(5),
                await rows.IsDBNullAsync(6, cancellationToken) ? null : rows.GetFieldValue<byte[]>(6),
                rows.GetBoolean(7)));
        }

        return known;
    }

    private sealed record KeyedRequest(Guid RequestId, byte[] BodyHash, long OwnerEpoch, bool IsFinished, byte[]? Answer, bool OwnerIsSilent)
    {
        public bool IsSameBody(BeginKeyed command) => BodyHash.AsSpan().SequenceEqual(command.BodyHash);
    }
}
