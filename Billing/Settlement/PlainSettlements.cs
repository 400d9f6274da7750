using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Npgsql;

namespace ComputeShare.Billing.Settlement;

/// <summary>
/// A group of settlements that come first for their requests and whose holds cover them, as nearly all do, settled as they are or not at all: locks,
/// decision, writing, commit and the wait for the disk in one round trip. Whatever stands in the way of one of them leaves all to
/// <see cref="SettlePlan"/>, which knows what to answer. Where nothing does, both settle the same.
/// </summary>
internal sealed class PlainSettlements
{
    private readonly (SettleCommand Command, Money Paid)[] _settled;
    private readonly Entry[] _entries;

    private PlainSettlements(IReadOnlyList<SettleCommand> group, int feeBasisPoints)
    {
        _settled = [.. group.Select(command => (command, command.Amount))];
        _entries = [.. group.SelectMany(command => EntryPlan.Of(command, command.Amount, feeBasisPoints))];
    }

    public IReadOnlyList<BillingAnswer> Answers => Array.ConvertAll(_settled, settled => Sessions.Answers.Settled(settled.Paid));

    public IEnumerable<Money> Amounts => _settled.Select(settled => settled.Paid);

    /// <returns>Null: it is no such group.</returns>
    public static PlainSettlements? Of(IReadOnlyList<SettleCommand> group, int feeBasisPoints) =>
        group.All(command => command is { IsCorrection: false, FromReaper: false, OwnerEpoch: 0 })
            ? new PlainSettlements(group, feeBasisPoints)
            : null;

    /// <returns>False: nothing was changed.</returns>
    public async Task<bool> TrySettleAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Begun and committed by name, so that the flush is a transaction of its own. An error barrier between them would do, but Npgsql 10 never
        // returns from a batch in which one stands behind a statement that fails after a row.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var settle = new NpgsqlBatchCommand(SettleSql.SettlePlainly);
        settle.Parameters.AddRange(SettleColumns.OfGenerations(_settled));
        settle.Parameters.AddRange(SettleColumns.OfEntries(_entries));
        settle.Parameters.AddRange(SettleColumns.OfSpent(SettleColumns.SpentByKey(_settled)));
        settle.Parameters.Add(Sql.Value(_settled.Min(settled => settled.Command.RequestId)));
        settle.Parameters.Add(Sql.Value(_settled.Max(settled => settled.Command.RequestId)));
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                // Statements of their own, so that the next one sees what was committed before the locks were had.
                LockedFunds.LockCommand(_settled.Select(settled => settled.Command.AccountId)),
                new NpgsqlBatchCommand(SettleSql.LockHolds) { Parameters = { Sql.Column(_settled, settled => settled.Command.RequestId) } },
                settle,
                new NpgsqlBatchCommand(Sql.Commit),
                new NpgsqlBatchCommand(SettleSql.Flush),
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return settle.RecordsAffected > 0;
    }
}
