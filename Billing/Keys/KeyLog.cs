namespace ComputeShare.Billing.Keys;

internal static partial class KeyLog
{
    [LoggerMessage(EventId = 4701, EventName = "ListeningFailed", Level = LogLevel.Warning,
        Message = "Changed keys are not heard of at the moment; gateways ask anew when they are again.")]
    public static partial void ListeningFailed(ILogger logger, Exception error);
}
