namespace ComputeShare.Gateway.Idempotency;

internal static partial class IdempotencyLog
{
    [LoggerMessage(EventId = 1801, EventName = "AnswerKeyByChance", Level = LogLevel.Warning,
        Message = "Idempotency:AnswerKey is not set: kept answers can only be given again by this process.")]
    public static partial void AnswerKeyByChance(ILogger logger);

    [LoggerMessage(EventId = 1802, EventName = "AnswerGivenAgain", Level = LogLevel.Information,
        Message = "Request {RequestId}: its answer was given again.")]
    public static partial void GivenAgain(ILogger logger, string requestId);

    [LoggerMessage(EventId = 1803, EventName = "RequestTakenOver", Level = LogLevel.Warning,
        Message = "Request {RequestId} was taken over from a gateway that fell silent, as its owner {OwnerEpoch}.")]
    public static partial void TakenOver(ILogger logger, string requestId, uint ownerEpoch);

    [LoggerMessage(EventId = 1804, EventName = "EndNotRecorded", Level = LogLevel.Warning,
        Message = "The end of request {RequestId} could not be recorded under its Idempotency-Key yet: {Reason}")]
    public static partial void NotRecorded(ILogger logger, string requestId, string reason);

    [LoggerMessage(EventId = 1805, EventName = "KeyRejected", Level = LogLevel.Error,
        Message = "Billing rejects the Idempotency-Key of request {RequestId}: {Reason}")]
    public static partial void Rejected(ILogger logger, string requestId, string reason);
}
