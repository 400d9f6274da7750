namespace ComputeShare.Billing.Grouping;

internal static partial class GroupLog
{
    [LoggerMessage(EventId = 4101, EventName = "GroupRunOneByOne", Level = LogLevel.Warning,
        Message = "A row spoiled a {Lane} group of {Size}; its commands run one by one.")]
    public static partial void RunOneByOne(ILogger logger, string lane, int size, Exception error);

    [LoggerMessage(EventId = 4102, EventName = "CommandRefused", Level = LogLevel.Warning,
        Message = "The database refuses a {Lane} command for ever: SQLSTATE {SqlState}.")]
    public static partial void Refused(ILogger logger, string lane, string sqlState, Exception error);

    [LoggerMessage(EventId = 4103, EventName = "GroupFailed", Level = LogLevel.Error,
        Message = "A {Lane} group of {Size} failed; its callers are told to come again.")]
    public static partial void Failed(ILogger logger, string lane, int size, Exception error);
}
