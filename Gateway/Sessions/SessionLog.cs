namespace ComputeShare.Gateway.Sessions;

internal static partial class SessionLog
{
    [LoggerMessage(EventId = 1001, EventName = "SessionConnected", Level = LogLevel.Information,
        Message = "Session with {Service} stands.")]
    public static partial void Connected(ILogger logger, string service);

    [LoggerMessage(EventId = 1002, EventName = "SessionLost", Level = LogLevel.Warning,
        Message = "Session with {Service} was lost; connecting again.")]
    public static partial void Lost(ILogger logger, string service);

    [LoggerMessage(EventId = 1003, EventName = "SessionConnectFailed", Level = LogLevel.Debug,
        Message = "No session with {Service}.")]
    public static partial void ConnectFailed(ILogger logger, string service, Exception error);
}
