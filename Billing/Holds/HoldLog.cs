namespace ComputeShare.Billing.Holds;

internal static partial class HoldLog
{
    [LoggerMessage(EventId = 4201, EventName = "HoldReaped", Level = LogLevel.Warning,
        Message = "The gateway of request {RequestId} fell silent; its hold is ended, settled from a checkpoint: {Settled}.")]
    public static partial void Reaped(ILogger logger, string requestId, bool settled);
}
