namespace ComputeShare.Billing.Generations;

internal static partial class GenerationLog
{
    [LoggerMessage(EventId = 4901, EventName = "GenerationsSwept", Level = LogLevel.Information,
        Message = "Old requests' records were removed: partitions [{Months}] and {Count} others.")]
    public static partial void Swept(ILogger logger, string months, int count);
}
