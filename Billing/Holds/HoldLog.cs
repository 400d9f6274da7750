namespace ComputeShare.Billing.Holds;

internal static partial class HoldLog
{
    [LoggerMessage(EventId = 4201, EventName = "HoldReaped", Level = LogLevel.Warning,
        Message = "The gateway of request {RequestId} fell silent; its hold is ended, settled from a checkpoint: {Settled}.")]
    public static partial void Reaped(ILogger logger, string requestId, bool settled);

    [LoggerMessage(EventId = 4202, EventName = "ReapFailed", Level = LogLevel.Error,
        Message = "Silent holds could not be ended; the next round tries again.")]
    public static partial void ReapFailed(ILogger logger, Exception error);
}
