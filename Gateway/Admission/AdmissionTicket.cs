using StackExchange.Redis;

namespace ComputeShare.Gateway.Admission;

/// <summary>What an admitted request has taken from its account; given back to <see cref="AdmissionGate.ReleaseAsync"/>.</summary>
internal sealed record AdmissionTicket(string RequestId, string AccountId, uint TokensPerMinute, long ReservedTokens)
{
    // One hash tag: all keys of an account lie in one slot of a Redis Cluster.
    public static RedisKey RunningKey(string accountId) => $"{{a:{accountId}}}:running";

    public static RedisKey LimitsKey(string accountId) => $"{{a:{accountId}}}:limits";
}

/// <summary>The gate's answer: a ticket, or why there is none.</summary>
internal abstract record AdmissionVerdict
{
    internal sealed record Admitted(AdmissionTicket Ticket) : AdmissionVerdict;

    /// <param name="Limit"><c>parallel</c>, <c>requests</c> or <c>tokens</c>.</param>
    internal sealed record Limited(string Limit, TimeSpan RetryAfter) : AdmissionVerdict;

    /// <summary>The account's keys have changed since the caller's record was loaded.</summary>
    internal sealed record StaleKey : AdmissionVerdict;

    /// <summary>Redis is away.</summary>
    internal sealed record Unavailable : AdmissionVerdict;
}
