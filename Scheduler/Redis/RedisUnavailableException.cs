using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>Redis is away, too slow, or refuses to work (loading, read-only …). Callers answer <c>Unavailable</c>.</summary>
internal sealed class RedisUnavailableException(Exception cause) : Exception("The scheduler's shared state is not available.", cause)
{
    /// <summary>What Redis itself said, else the kind of failure: the client's own messages are a page long.</summary>
    public string Reason => InnerException is RedisServerException said ? said.Message : InnerException!.GetType().Name;
}
