using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Settlement;

/// <summary>What the statements of settlements are given, in the order of their parameters.</summary>
internal static class SettleColumns
{
    public static NpgsqlParameter[] OfEntries(IReadOnlyList<Entry> entries) =>
    [
        Sql.Column(entries, entry => entry.RequestId),
        Sql.Column(entries, entry => entry.Kind),
        Sql.Column(entries, entry => entry.Position),
        Sql.Column(entries, entry => entry.AccountId),
        Sql.Column(entries, entry => entry.Book),
        Sql.Column(entries, entry => entry.Amount),
    ];

    public static NpgsqlParameter[] OfGenerations(IReadOnlyList<(SettleCommand Command, Money Paid)> settled) =>
    [
        Sql.Column(settled, row => row.Command.RequestId),
        Sql.Column(settled, row => row.Command.AccountId),
        Sql.Column(settled, row => (int)row.Command.Record.Status),
        Sql.Column(settled, row => StoredRecord.Write(row.Command.Record)),
        Sql.Column(settled, row => WrittenShares(row.Command)),
        Sql.Column(settled, row => row.Paid.NanoDollars),
        Sql.Column(settled, row => row.Command.Record.KeyId),
        Sql.Column(settled, row => row.Command.Record.ServedModel),
        Sql.Column(settled, row => row.Command.PromptTokens),
        Sql.Column(settled, row => row.Command.CachedTokens),
        Sql.Column(settled, row => row.Command.CompletionTokens),
    ];

    public static NpgsqlParameter[] OfSpent(IReadOnlyList<(string Id, string Account, long Amount)> keys) =>
    [
        Sql.Column(keys, key => key.Id),
        Sql.Column(keys, key => key.Account),
        Sql.Column(keys, key => key.Amount),
    ];

    /// <summary>Each key that paid anything, once.</summary>
    public static (string Id, string Account, long Amount)[] SpentByKey(IEnumerable<(SettleCommand Command, Money Paid)> settled) =>
    [
        .. settled
            .Where(row => row.Paid > Money.Zero)
            .GroupBy(row => (Id: row.Command.Record.KeyId, Account: row.Command.AccountId), row => row.Paid.NanoDollars)
            .Select(key => (key.Key.Id, key.Key.Account, key.Sum())),
    ];

    public static string WrittenShares(SettleCommand command) => StoredShares.Write(command.Shares.Select(share => share.Share));
}
