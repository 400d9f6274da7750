using ComputeShare.Billing.Grouping;
using ComputeShare.Billing.Holds;
using ComputeShare.Billing.Idempotency;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Faults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ComputeShare.Billing.Settlement;

/// <summary>
/// Settles a group, all of it or nothing: in one round trip where <see cref="PlainSettlements"/> may; else one locks, reads and begins the ledger
/// transactions, and one writes everything else and commits. Each ends with a wait for the disk, after the commit and not in it: else the consumers'
/// rows would be locked as long, and the next holds of a busy one would wait for a disk that they do not need.
/// </summary>
internal sealed class SettleWriter(
    LaneDatabase database,
    IOptions<LedgerOptions> ledger,
    IOptions<HoldOptions> holdOptions,
    FaultPoints faults,
    BillingTelemetry telemetry) : IGroupWork<SettleCommand>
{
    public string Lane => "settle";

    // One group works while another's commit waits for the disk; docs/benchmarks/billing.md has the figures.
    public int Width => 2;

    // Each locks its consumers until its commit: side by side are only groups that have none in common.
    public int SpreadOf(SettleCommand command) => command.AccountId.GetHashCode(StringComparison.Ordinal);

    public Guid RequestOf(SettleCommand command) => command.RequestId;

    // What was delivered is owed, whether or not anybody still waits for the answer.
    public bool MayBeDropped(SettleCommand command) => false;

    public async Task<IReadOnlyList<BillingAnswer>> RunInOneTransactionAsync(
        IReadOnlyList<SettleCommand> group, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        if (PlainSettlements.Of(group, ledger.Value.FeeBasisPoints) is { } plain)
        {
            await faults.ReachAsync("billing.settle.before-commit", cancellationToken);
            if (await plain.TrySettleAsync(connection, cancellationToken))
            {
                await faults.ReachAsync("billing.settle.after-commit", cancellationToken);
                foreach (var amount in plain.Amounts)
                {
                    telemetry.Charged(amount, lost: Money.Zero);
                }

                return plain.Answers;
            }
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (accounts, holds, owners, begun) = await BeginAsync(connection, group, cancellationToken);
        var seenBefore = group.Where(command => !begun.Contains(command.RequestId)).ToArray();
        var earlier = seenBefore.Length == 0 ? [] : await ReadEarlierAsync(connection, seenBefore, cancellationToken);

        var plan = new SettlePlan(accounts, holds, begun, earlier, owners, ledger.Value.FeeBasisPoints);
        var answers = group.Select(plan.Decide).ToArray();
        if (plan.ChangesNothing)
        {
            // What another group has just committed, and this one calls settled, may not be on disk yet.
            await transaction.RollbackAsync(cancellationToken);
            await Sql.ExecuteAsync(connection, SettleSql.Flush, cancellationToken);
            return answers;
        }

        await faults.ReachAsync("billing.settle.before-commit", cancellationToken);
        await WriteToDiskAsync(connection, accounts, plan, cancellationToken);
        await faults.ReachAsync("billing.settle.after-commit", cancellationToken);
        foreach (var (command, paid) in plan.Settled)
        {
            telemetry.Charged(paid, lost: command.Amount - paid);
        }

        return answers;
    }

    private async Task<(LockedFunds Accounts, Dictionary<Guid, Money> Holds, RequestOwners Owners, HashSet<Guid> Begun)> BeginAsync(
        NpgsqlConnection connection, IReadOnlyList<SettleCommand> group, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                LockedFunds.LockCommand(group.Select(command => command.AccountId)),
                new NpgsqlBatchCommand(SettleSql.LockHolds) { Parameters = { Sql.Column(group, command => command.RequestId) } },
                RequestOwners.LockCommand(group.Where(command => command.OwnerEpoch > 0).Select(command => command.RequestId)),
                new NpgsqlBatchCommand(SettleSql.Begin)
                {
                    Parameters =
                    {
                        Sql.Column(group, command => command.RequestId),
                        Sql.Column(group, command => command.Kind),
                        Sql.Column(group, command => command.AccountId),
                        Sql.Column(group, command => command.FromReaper),
                        new NpgsqlParameter<TimeSpan> { TypedValue = holdOptions.Value.Expiry },
                        Sql.Column(group, command => (long)command.OwnerEpoch),
                    },
                },
            },
        };
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var accounts = await LockedFunds.ReadAsync(rows, cancellationToken);

        await rows.NextResultAsync(cancellationToken);
        var holds = new Dictionary<Guid, Money>();
        while (await rows.ReadAsync(cancellationToken))
        {
            holds.Add(rows.GetGuid(0), new Money(rows.GetInt64(2)));
        }

        await rows.NextResultAsync(cancellationToken);
        var owners = await RequestOwners.ReadAsync(rows, cancellationToken);

        await rows.NextResultAsync(cancellationToken);
        var begun = new HashSet<Guid>();
        while (await rows.ReadAsync(cancellationToken))
        {
            begun.Add(rows.GetGuid(0));
        }

        return (accounts, holds, owners, begun);
    }

    private static async Task<Dictionary<Guid, EarlierSettlement>> ReadEarlierAsync(
        NpgsqlConnection connection, IReadOnlyList<SettleCommand> group, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SettleSql.ReadEarlier, connection)
        {
            Parameters = { Sql.Column(group, settle => settle.RequestId), Sql.Column(group, settle => settle.Kind) },
        };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var earlier = new Dictionary<Guid, EarlierSettlement>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var account = await rows.IsDBNullAsync(1, cancellationToken) ? null : rows.GetString(1);
            var recovered = rows.GetInt32(2) == (int)GenerationStatus.Recovered;
            earlier.Add(rows.GetGuid(0), new EarlierSettlement(account, new Money(rows.GetInt64(3)), recovered));
        }

        return earlier;
    }

    private static async Task WriteToDiskAsync(
        NpgsqlConnection connection, LockedFunds accounts, SettlePlan plan, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (accounts.UpdateCommand() is { } update)
        {
            batch.BatchCommands.Add(update);
        }

        Add(batch, SettleSql.AddEntries, plan.Entries, SettleColumns.OfEntries);
        Add(batch, SettleSql.RemoveHolds, plan.Settled, rows => [Sql.Column(rows, settled => settled.Command.RequestId)]);
        Add(batch, SettleSql.AddGenerations, plan.Settled.Where(settled => !settled.Command.IsCorrection).ToArray(), SettleColumns.OfGenerations);
        Add(batch, SettleSql.CorrectGenerations, plan.Settled.Where(settled => settled.Command.IsCorrection).ToArray(),
            rows => [
                Sql.Column(rows, settled => settled.Command.RequestId),
                Sql.Column(rows, settled => SettleColumns.WrittenShares(settled.Command)),
                Sql.Column(rows, settled => settled.Paid.NanoDollars),
                Sql.Column(rows, settled => settled.Command.PromptTokens),
                Sql.Column(rows, settled => settled.Command.CachedTokens),
                Sql.Column(rows, settled => settled.Command.CompletionTokens)]);
        Add(batch, SpendCapSql.Spend, SettleColumns.SpentByKey(plan.Settled), SettleColumns.OfSpent);
        Add(batch, SettleSql.RecordLate, plan.Late, rows => [Sql.Column(rows, late => late.RequestId), Sql.Column(rows, SettleColumns.WrittenShares)]);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql.Commit));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(SettleSql.Flush));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add<TRow>(
        NpgsqlBatch batch, string sql, IReadOnlyList<TRow> rows, Func<IReadOnlyList<TRow>, NpgsqlParameter[]> columns)
    {
        if (rows.Count > 0)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddRange(columns(rows));
            batch.BatchCommands.Add(command);
        }
    }
}
