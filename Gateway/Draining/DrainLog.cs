namespace ComputeShare.Gateway.Draining;

internal static partial class DrainLog
{
    [LoggerMessage(EventId = 1221, EventName = "DrainBegan", Level = LogLevel.Information,
        Message = "The gateway takes no new work; {Running} requests go on.")]
    public static partial void Began(ILogger logger, int running);

    [LoggerMessage(EventId = 1222, EventName = "DrainEnded", Level = LogLevel.Information,
        Message = "The gateway stops, with {Running} requests unfinished.")]
    public static partial void Ended(ILogger logger, int running);
}
