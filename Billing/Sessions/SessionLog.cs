namespace ComputeShare.Billing.Sessions;

internal static partial class SessionLog
{
    [LoggerMessage(EventId = 4001, EventName = "CommandFailed", Level = LogLevel.Error,
        Message = "A {Command} failed; the gateway is told to come again.")]
    public static partial void CommandFailed(ILogger logger, string command, Exception error);

    [LoggerMessage(EventId = 4002, EventName = "CallFailed", Level = LogLevel.Error,
        Message = "{Method} failed: the database does not answer.")]
    public static partial void CallFailed(ILogger logger, string method, Exception error);
}
