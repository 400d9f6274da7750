using StackExchange.Redis;

namespace ComputeShare.Gateway.Admission;

/// <summary>
/// The gateway's keys in Redis. All of an account and of its API keys share the hash tag <c>{a:ACCOUNT}</c>: they lie in one slot of a
/// Redis Cluster, where one script may use them together.
/// </summary>
internal static class AdmissionKeys
{
    /// <summary>Sorted set of the account's running requests.</summary>
    public static RedisKey Running(string accountId) => $"{{a:{accountId}}}:running";

    /// <summary>Hash of the account's buckets and its key version.</summary>
    public static RedisKey Limits(string accountId) => $"{{a:{accountId}}}:limits";

    /// <summary>Sorted set of an API key's running requests.</summary>
    public static RedisKey Running(string accountId, string keyId) => $"{{a:{accountId}}}:key:{keyId}:running";

    /// <summary>Hash of an API key's buckets.</summary>
    public static RedisKey Limits(string accountId, string keyId) => $"{{a:{accountId}}}:key:{keyId}:limits";

    /// <summary>In the order in which the scripts take them.</summary>
    public static RedisKey[] Of(string accountId, string keyId) =>
        [Running(accountId), Limits(accountId), Running(accountId, keyId), Limits(accountId, keyId)];
}
