using ComputeShare.ServiceDefaults.Redis;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

/// <summary>Runs scripts that take one key and answer integers.</summary>
internal sealed class RedisScripts(RedisConnection connection)
{
    /// <exception cref="RedisUnavailableException">The script may have run or not.</exception>
    public Task<long[]> RunAsync(RedisScript script, string key, params string[] arguments) =>
        RunAsync(script, key, Array.ConvertAll(arguments, argument => (RedisValue)argument));

    /// <inheritdoc cref="RunAsync(RedisScript, string, string[])"/>
    public async Task<long[]> RunAsync(RedisScript script, string key, RedisValue[] arguments)
    {
        try
        {
            var database = await connection.GetDatabaseAsync();
            return (long[])(await script.RunAsync(database, [key], arguments))!;
        }
        catch (Exception error) when (RedisConnection.MeansUnavailable(error))
        {
            throw new RedisUnavailableException(error);
        }
    }
}
