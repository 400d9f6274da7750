using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Persistence;

/// <summary>
/// Builds EF Core's model and opens each pool's first connection beside the rest of the start: half a second of work that the first who asks for a key
/// would wait for. Holds and settlements need no model.
/// </summary>
internal sealed class DatabaseWarmUp(IDbContextFactory<BillingDbContext> database, LaneDatabase lanes) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using (await lanes.OpenAsync(stoppingToken))
            {
                // Back to its pool.
            }

            await using var billing = await database.CreateDbContextAsync(stoppingToken);
            await billing.Prices.AsNoTracking().OrderBy(price => price.Id).FirstOrDefaultAsync(stoppingToken);
        }
        catch (Exception error) when (DatabaseFaults.IsOfTheDatabase(error))
        {
            // SchemaHealthCheck tells of it; it serves as soon as PostgreSQL is back.
        }
    }
}
