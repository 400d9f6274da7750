namespace ComputeShare.Scheduler.Redis;

/// <summary>Redis is away, too slow, or refuses to work (loading, read-only …). Callers answer <c>Unavailable</c>.</summary>
internal sealed class RedisUnavailableException(Exception cause) : Exception("The scheduler's shared state is not available.", cause);
