using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

internal static partial class RedisLog
{
    [LoggerMessage(EventId = 2201, EventName = "RedisLost", Level = LogLevel.Warning,
        Message = "The {Connection} connection to Redis failed ({Failure}); requests are refused until it is back.")]
    public static partial void Lost(ILogger logger, ConnectionType connection, ConnectionFailureType failure);

    [LoggerMessage(EventId = 2202, EventName = "RedisRestored", Level = LogLevel.Information, Message = "The {Connection} connection to Redis is back.")]
    public static partial void Restored(ILogger logger, ConnectionType connection);
}
