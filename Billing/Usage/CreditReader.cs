using ComputeShare.Billing.Persistence;
using ComputeShare.Contracts.Billing;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Usage;

internal sealed class CreditReader(IDbContextFactory<BillingDbContext> database)
{
    public async Task<Credits> ReadAsync(string accountId, CancellationToken cancellationToken)
    {
        await using var billing = await database.CreateDbContextAsync(cancellationToken);
        var account = await billing.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == accountId, cancellationToken);
        return new Credits { Balance = account?.Balance ?? 0, Held = account?.Held ?? 0 };
    }
}
