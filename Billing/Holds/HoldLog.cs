namespace ComputeShare.Billing.Holds;

internal static partial class HoldLog
{
    [LoggerMessage(EventId = 4201, EventName = "HoldReaped", Level = LogLevel.Warning,
        Message = "The gateway of request {RequestId} fell silent; its hold is ended, settled from a checkpoint: {Settled}.")]
    public static partial void Reaped(ILogger logger, string requestId, bool settled);

    [LoggerMessage(EventId = 4202, EventName = "DatabaseClockJumped", Level = LogLevel.Warning,
        Message = "PostgreSQL's clock has jumped ahead: holds that look silent are left to their gateways for Holds:Expiry.")]
    public static partial void ClockJumped(ILogger logger);
}
