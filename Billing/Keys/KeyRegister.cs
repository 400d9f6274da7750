using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence;
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

        // PostgreSQL's clock decides: it is the same for every replica.
        var key = await billing.ApiKeys
            .FromSql($"SELECT * FROM api_keys WHERE hash = {hash} AND revoked IS NULL AND (expires IS NULL OR expires > now())")
            .AsNoTracking()
            .Include(key => key.Account)
            .SingleOrDefaultAsync(cancellationToken);
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
            HasCredit = account.Kind == AccountKinds.Consumer && account.Balance > account.Held,
            Limits = new KeyLimits
            {
                ParallelRequests = (uint)account.ParallelRequests,
                RequestsPerMinute = (uint)account.RequestsPerMinute,
                TokensPerMinute = (uint)account.TokensPerMinute,
            },
            AllowedModels = { key.AllowedModels },
            Policy = account.Policy,
        };
    }
}
