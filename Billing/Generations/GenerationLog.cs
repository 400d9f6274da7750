namespace ComputeShare.Billing.Generations;

internal static partial class GenerationLog
{
    [LoggerMessage(EventId = 4901, EventName = "GenerationsSwept", Level = LogLevel.Information,
        Message = "The records of {Count} old requests were removed.")]
    public static partial void Swept(ILogger logger, int count);

    [LoggerMessage(EventId = 4902, EventName = "SweepFailed", Level = LogLevel.Warning,
        Message = "The records of old requests could not be removed; another try follows.")]
    public static partial void SweepFailed(ILogger logger, Exception error);
}
