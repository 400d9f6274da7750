using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Scheduling;

/// <summary>
/// Secrets of an account that nobody outside the platform can make: without them, whoever shares a node with another account could find
/// out its prompts by guessing (CVE-2025-46570). Never from the caller.
/// </summary>
internal sealed class AccountSalts(IOptions<SchedulingOptions> options, IOptions<ServiceSecretOptions> services)
{
    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<string, Salts> _kept = new(StringComparer.Ordinal);
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(options.Value.PrefixSecret is { Length: > 0 } own ? own : services.Value.Secret);

    public Salts Of(string accountId)
    {
        if (_kept.TryGetValue(accountId, out var salts))
        {
            return salts;
        }

        salts = new Salts(Derive("prefix", accountId), Derive("cache", accountId));
        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        return _kept[accountId] = salts;
    }

    // The purpose keeps the two apart, and both from whatever else the secret is used for.
    private byte[] Derive(string purpose, string accountId) =>
        HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes($"computeshare.{purpose}-salt\n{accountId}"));
}

/// <param name="Prefix">Keys the hashes of prompts that Schedulers see.</param>
/// <param name="Cache">Keeps an engine's cache of this account apart from all others'.</param>
internal sealed record Salts(byte[] Prefix, byte[] Cache)
{
    // A record's generated text could end up in a log.
    public override string ToString() => nameof(Salts);
}
