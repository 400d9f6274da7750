namespace ComputeShare.Billing.Setup;

internal static partial class SetupLog
{
    [LoggerMessage(EventId = 4601, EventName = "WaitingForDatabase", Level = LogLevel.Debug,
        Message = "PostgreSQL at {Where} does not answer yet.")]
    public static partial void Waiting(ILogger logger, string where);

    [LoggerMessage(EventId = 4602, EventName = "DatabaseReady", Level = LogLevel.Information, Message = "The database is ready.")]
    public static partial void Ready(ILogger logger);

    [LoggerMessage(EventId = 4603, EventName = "NoDemoAccount", Level = LogLevel.Information,
        Message = "Demo:ApiKey is not set: no demo account is made.")]
    public static partial void NoDemo(ILogger logger);
}
