using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace ComputeShare.ServiceDefaults.Redis;

/// <summary>
/// A Lua script, sent by its hash. A Redis that does not know it, because it is new, was restarted or flushed, is sent the text.
/// </summary>
public sealed class RedisScript
{
    private readonly string _text;
    private readonly byte[] _hash;

    private RedisScript(string text)
    {
        _text = text;
#pragma warning disable CA5350 // Redis names scripts by their SHA-1; nothing is protected by it.
        _hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    /// <summary>The script that is embedded under this name beside <typeparamref name="TUser"/>, in its assembly.</summary>
    public static RedisScript Embedded<TUser>(string name)
    {
        var assembly = typeof(TUser).Assembly;
        using var resource = assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded in {assembly.GetName().Name}.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return new RedisScript(reader.ReadToEnd());
    }

    /// <summary>Runs it once. Where this throws for another reason than the script itself, it may have run or not.</summary>
    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] arguments)
    {
        ArgumentNullException.ThrowIfNull(database);
        try
        {
            return await database.ScriptEvaluateAsync(_hash, keys, arguments);
        }
        catch (RedisServerException error) when (error.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(_text, keys, arguments);
        }
    }
}
