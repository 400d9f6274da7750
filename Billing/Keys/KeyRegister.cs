using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Keys;

/// <summary>Knows keys by their hash.</summary>
internal sealed class KeyRegister(IDbContextFactory<BillingDbContext> database)
{
    /// <summary>Null: unknown, revoked or expired, told apart for nobody.</summary>
    public async Task<KeyRecord?> FindAsync(byte[] hash, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var key = await Living(billing, hash).Include(key => key.Account).SingleOrDefaultAsync(cancellationToken);
        if (key?.Account is not { } account)
        {
            return null;
        }

        return new KeyRecord
        {
            KeyId = key.Id,
            AccountId = account.Id,
            Kind = KeyKinds.ToWire(key.Kind),
            KeyVersion = (ulong)account.KeyVersion,

            // Not what is left beside the holds: they come and go faster than this answer is forgotten.
            HasCredit = account.Kind == AccountKinds.Consumer && account.Balance > 0,
            Limits = new KeyLimits
            {
                ParallelRequests = (uint)account.ParallelRequests,
                RequestsPerMinute = (uint)account.RequestsPerMinute,
                TokensPerMinute = (uint)account.TokensPerMinute,
            },
            AllowedModels = { key.AllowedModels },
            Policy = key.Policy.Length > 0 ? key.Policy : account.Policy,
            KeyLimits = KeyLimitsOf(key),
            ValidForMs = EndOf(key, hash) is { } end ? (ulong)Math.Max(1, (end - await NowAsync(billing, cancellationToken)).TotalMilliseconds) : 0,
        };
    }

    /// <summary>The key whose text has this hash, while it is good. PostgreSQL's clock decides: it is the same for every replica.</summary>
    public static IQueryable<ApiKeyRow> Living(BillingDbContext billing, byte[] hash) => billing.ApiKeys
        .FromSql(
            $"""
            SELECT * FROM api_keys
            WHERE (hash = {hash} OR (previous_hash = {hash} AND previous_until > now()))
                AND revoked IS NULL AND (expires IS NULL OR expires > now())
            """)
        .AsNoTracking();

    /// <summary>When this text of the key ends; null = not by itself.</summary>
    private static DateTimeOffset? EndOf(ApiKeyRow key, byte[] hash) =>
        hash.AsSpan().SequenceEqual(key.Hash) || key.Expires < key.PreviousUntil ? key.Expires : key.PreviousUntil;

    private static Task<DateTimeOffset> NowAsync(BillingDbContext billing, CancellationToken cancellationToken) =>
        billing.Database.SqlQuery<DateTimeOffset>($"SELECT now() AS \"Value\"").SingleAsync(cancellationToken);

    /// <summary>Null: it has none.</summary>
    private static KeyLimits? KeyLimitsOf(ApiKeyRow key)
    {
        var limits = key.Limits();
        return limits.Equals(new KeyLimits()) ? null : limits;
    }
}
