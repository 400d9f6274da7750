using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Keys;

/// <summary>Between a key's row and the wire.</summary>
internal static class KeyWire
{
    public static KeyLimits Limits(this ApiKeyRow key) => new()
    {
        ParallelRequests = (uint)key.ParallelRequests,
        RequestsPerMinute = (uint)key.RequestsPerMinute,
        TokensPerMinute = (uint)key.TokensPerMinute,
    };

    public static AccountKey ToWire(this ApiKeyRow key, IEnumerable<SpendCap> caps) => new()
    {
        KeyId = key.Id,
        Created = key.Created.ToUnixTimeMilliseconds(),
        Revoked = key.Revoked?.ToUnixTimeMilliseconds() ?? 0,
        Terms = new KeyTerms
        {
            Name = key.Name,
            ExpiresAt = key.Expires?.ToUnixTimeMilliseconds() ?? 0,
            AllowedModels = new ModelNames { Models = { key.AllowedModels } },
            Limits = key.Limits(),
            Policy = key.Policy,
            SpendCaps = new SpendCaps { Caps = { caps } },
        },
    };

    /// <summary>What the terms have of a row; what is absent stays. Spend caps are rows of their own.</summary>
    public static void Take(this ApiKeyRow key, KeyTerms terms)
    {
        key.Name = terms.HasName ? terms.Name : key.Name;
        key.Policy = terms.HasPolicy ? terms.Policy : key.Policy;
        if (terms.HasExpiresAt)
        {
            key.Expires = terms.ExpiresAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(terms.ExpiresAt);
        }

        if (terms.AllowedModels is { } allowed)
        {
            key.AllowedModels = [.. allowed.Models];
        }

        if (terms.Limits is { } limits)
        {
            key.ParallelRequests = Limit(limits.ParallelRequests);
            key.RequestsPerMinute = Limit(limits.RequestsPerMinute);
            key.TokensPerMinute = Limit(limits.TokensPerMinute);
        }
    }

    private static int Limit(uint limit) => (int)Math.Min(limit, int.MaxValue);
}
