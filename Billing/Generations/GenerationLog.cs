namespace ComputeShare.Billing.Generations;

internal static partial class GenerationLog
{
    [LoggerMessage(EventId = 4901, EventName = "GenerationsSwept", Level = LogLevel.Information,
        Message = "The records of {Count} old requests were removed.")]
    public static partial void Swept(ILogger logger, int count);
}
