namespace ComputeShare.Gateway.Admission;

internal static partial class AdmissionLog
{
    [LoggerMessage(EventId = 1401, EventName = "RedisAway", Level = LogLevel.Warning,
        Message = "Redis does not answer ({Error}); new requests get 503.")]
    public static partial void RedisAway(ILogger logger, string error);

    [LoggerMessage(EventId = 1402, EventName = "TicketNotReleased", Level = LogLevel.Warning,
        Message = "The running entry of request {RequestId} was not given back ({Error}); it dies by itself.")]
    public static partial void NotReleased(ILogger logger, string requestId, string error);

    [LoggerMessage(EventId = 1403, EventName = "HoldNotGrown", Level = LogLevel.Warning,
        Message = "The hold of request {RequestId} could not grow: {Reason}")]
    public static partial void NotGrown(ILogger logger, string requestId, string reason);

    [LoggerMessage(EventId = 1404, EventName = "HoldRejected", Level = LogLevel.Error,
        Message = "Billing rejects the hold of request {RequestId}: {Reason}")]
    public static partial void HoldRejected(ILogger logger, string requestId, string reason);
}
