namespace ComputeShare.Gateway.Settlement;

internal static partial class SettlementLog
{
    [LoggerMessage(EventId = 1601, EventName = "SettlementSpooled", Level = LogLevel.Warning,
        Message = "Request {RequestId} could not be settled now; it waits on disk.")]
    public static partial void Spooled(ILogger logger, string requestId);

    [LoggerMessage(EventId = 1602, EventName = "SettlementReplayed", Level = LogLevel.Information,
        Message = "Request {RequestId} was settled from the spool.")]
    public static partial void Replayed(ILogger logger, string requestId);

    [LoggerMessage(EventId = 1603, EventName = "SettlementRejected", Level = LogLevel.Error,
        Message = "Billing rejects the settlement of request {RequestId}: {Reason} It is kept under rejected/ in the spool.")]
    public static partial void Rejected(ILogger logger, string requestId, string reason);

    [LoggerMessage(EventId = 1604, EventName = "SpoolFailed", Level = LogLevel.Error,
        Message = "The settlement spool could not be read or written.")]
    public static partial void SpoolFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 1605, EventName = "CheckpointLost", Level = LogLevel.Warning,
        Message = "The counts of {Streams} open streams were not reported: {Reason}")]
    public static partial void CheckpointLost(ILogger logger, int streams, string reason);

    [LoggerMessage(EventId = 1608, EventName = "JournalFailed", Level = LogLevel.Warning,
        Message = "The counts of open streams cannot be written to the spool: a sudden death would cost what was delivered since the last checkpoint.")]
    public static partial void JournalFailed(ILogger logger, Exception error);

    [LoggerMessage(EventId = 1606, EventName = "SettlementNotSpooled", Level = LogLevel.Critical,
        Message = "The settlement of request {RequestId} cannot be written to the spool; it is kept in memory alone.")]
    public static partial void NotSpooled(ILogger logger, string requestId);

    [LoggerMessage(EventId = 1607, EventName = "SettlementNotSetAside", Level = LogLevel.Critical,
        Message = "The rejected settlement of request {RequestId} cannot be written to the spool; it is lost.")]
    public static partial void NotSetAside(ILogger logger, string requestId);
}
