using ComputeShare.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>Runs scripts that use keys of one node.</summary>
internal sealed class RedisScripts(RedisConnection connection)
{
    /// <exception cref="RedisUnavailableException">The script may have run or not.</exception>
    public Task<long[]> RunAsync(RedisScript script, string key, params string[] arguments) =>
        RunAsync(script, key, Array.ConvertAll(arguments, argument => (RedisValue)argument));

    /// <inheritdoc cref="RunAsync(RedisScript, string, string[])"/>
    /// <param name="keys">Of one node, so that they lie in one cluster slot.</param>
    public Task<long[]> RunAsync(RedisScript script, RedisKey[] keys, params string[] arguments) =>
        RunAsync(script, keys, Array.ConvertAll(arguments, argument => (RedisValue)argument));

    /// <inheritdoc cref="RunAsync(RedisScript, string, string[])"/>
    public Task<long[]> RunAsync(RedisScript script, string key, RedisValue[] arguments) => RunAsync(script, [key], arguments);

    /// <inheritdoc cref="RunAsync(RedisScript, string, string[])"/>
    /// <param name="keys">Of one node, so that they lie in one cluster slot.</param>
    /// <param name="read">Takes the answer of a script that answers more than integers.</param>
    public async Task<T> RunAsync<T>(RedisScript script, RedisKey[] keys, RedisValue[] arguments, Func<RedisResult, T> read)
    {
        try
        {
            var database = await connection.GetDatabaseAsync();
            return read(await script.RunAsync(database, keys, arguments));
        }
        catch (Exception error) when (RedisConnection.MeansUnavailable(error))
        {
            throw new RedisUnavailableException(error);
        }
    }

    private Task<long[]> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments) =>
        RunAsync(script, keys, arguments, static answer => (long[])answer!);
}
