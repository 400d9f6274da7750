using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Persistence;

/// <summary>
/// Opens the first connection and builds EF Core's model before the ports open: the gateways come back to a Billing that was started again
/// as soon as it answers, and their first holds must not wait for either. Without PostgreSQL it goes on at once.
/// </summary>
internal sealed class DatabaseWarmUp(IDbContextFactory<BillingDbContext> database) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var billing = await database.CreateDbContextAsync(cancellationToken);
            await billing.Prices.AsNoTracking().OrderBy(price => price.Id).FirstOrDefaultAsync(cancellationToken);
        }
        catch (Exception error) when (DatabaseFaults.IsOfTheDatabase(error))
        {
            // SchemaHealthCheck tells of it; it serves as soon as PostgreSQL is back.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
