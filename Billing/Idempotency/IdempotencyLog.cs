namespace ComputeShare.Billing.Idempotency;

internal static partial class IdempotencyLog
{
    [LoggerMessage(EventId = 4801, EventName = "KeySweepFailed", Level = LogLevel.Error,
        Message = "Old idempotency keys could not be forgotten; the next round tries again.")]
    public static partial void SweepFailed(ILogger logger, Exception error);
}
