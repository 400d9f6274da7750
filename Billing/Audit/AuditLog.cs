namespace ComputeShare.Billing.Audit;

internal static partial class AuditLog
{
    [LoggerMessage(EventId = 4501, EventName = "AuditClean", Level = LogLevel.Debug, Message = "The ledger adds up.")]
    public static partial void Clean(ILogger logger);

    [LoggerMessage(EventId = 4502, EventName = "AuditDifferences", Level = LogLevel.Critical,
        Message = "The ledger does not add up: entries sum to {Total} nano-dollars, {Transactions} transactions are unbalanced, "
            + "{Balances} balances and {Helds} helds are not what entries and holds say, {Sums} sums of books are not what they should add up.")]
    public static partial void Differences(ILogger logger, decimal total, long transactions, long balances, long helds, long sums);
}
