using System.Security.Cryptography;
using System.Text;

namespace ComputeShare.Scheduler.Redis;

/// <summary>A Lua script that is embedded in this assembly. It takes one key and answers integers.</summary>
internal sealed class RedisScript
{
    private RedisScript(string text)
    {
        Text = text;
#pragma warning disable CA5350 // Redis names scripts by their SHA-1; nothing is protected by it.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public string Text { get; }

    public byte[] Hash { get; }

    public static RedisScript Embedded(string fileName)
    {
        using var resource = typeof(RedisScript).Assembly.GetManifestResourceStream(fileName)
            ?? throw new InvalidOperationException($"{fileName} is not embedded in the scheduler.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return new RedisScript(reader.ReadToEnd());
    }
}
