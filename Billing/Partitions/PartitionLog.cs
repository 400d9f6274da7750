namespace ComputeShare.Billing.Partitions;

internal static partial class PartitionLog
{
    [LoggerMessage(EventId = 4801, EventName = "PartitionMade", Level = LogLevel.Information, Message = "Partition {Partition} is made.")]
    public static partial void Made(ILogger logger, string partition);

    [LoggerMessage(EventId = 4802, EventName = "PartitionStrays", Level = LogLevel.Warning,
        Message = "{Count} ledger transactions have request ids beyond every month's partition: a gateway's clock is or was wrong.")]
    public static partial void Strays(ILogger logger, long count);
}
