namespace ComputeShare.Scheduler.Sessions;

internal static partial class SessionsLog
{
    [LoggerMessage(EventId = 2101, EventName = "SessionOpened", Level = LogLevel.Information, Message = "A gateway opened a session.")]
    public static partial void SessionOpened(ILogger logger);

    [LoggerMessage(EventId = 2102, EventName = "SessionClosed", Level = LogLevel.Information, Message = "A gateway's session ended.")]
    public static partial void SessionClosed(ILogger logger);

    [LoggerMessage(EventId = 2103, EventName = "CommandUnavailable", Level = LogLevel.Debug,
        Message = "{Command} could not be done: Redis is not available ({Reason}).")]
    public static partial void RedisAway(ILogger logger, string command, string reason);

    [LoggerMessage(EventId = 2104, EventName = "CommandFailed", Level = LogLevel.Error, Message = "{Command} failed.")]
    public static partial void CommandFailed(ILogger logger, string command, Exception error);
}
