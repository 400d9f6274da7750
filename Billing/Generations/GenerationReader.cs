using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Generations;

internal sealed class GenerationReader(IDbContextFactory<BillingDbContext> database)
{
    /// <summary>Null: unknown, not settled yet, or another account's.</summary>
    public async Task<Generation?> FindAsync(RequestId request, string accountId, CancellationToken cancellationToken)
    {
        var id = Guid.ParseExact(request.Value, "N");
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var row = await billing.Generations
            .AsNoTracking()
            .SingleOrDefaultAsync(generation => generation.RequestId == id && generation.AccountId == accountId, cancellationToken);
        return row is null
            ? null
            : new Generation
            {
                RequestId = request.Value,
                Record = StoredRecord.Read(row.Record),
                Shares = { StoredShares.Read(row.Shares) },
                Amount = row.Amount,
                SettledAt = row.SettledAt.ToUnixTimeMilliseconds(),
            };
    }
}
