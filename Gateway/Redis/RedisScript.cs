using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Redis;

/// <summary>A Lua script, sent by its hash; whole only to a server that does not know it yet.</summary>
internal sealed class RedisScript(string text)
{
    // Redis names scripts by SHA-1; it is an address here, no protection.
#pragma warning disable CA5350 // EVALSHA takes SHA-1 and nothing else.
    private readonly byte[] _hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350

    public static RedisScript Embedded(string name)
    {
        var assembly = typeof(RedisScript).Assembly;
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded in {assembly.GetName().Name}.");
        using var reader = new StreamReader(stream);
        return new RedisScript(reader.ReadToEnd());
    }

    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await database.ScriptEvaluateAsync(_hash, keys, arguments);
        }
        catch (RedisServerException error) when (error.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(text, keys, arguments);
        }
    }
}
