using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.Billing.Persistence;

/// <summary>Unhealthy while PostgreSQL is away or its schema is older than this program.</summary>
internal sealed class SchemaHealthCheck(IDbContextFactory<BillingDbContext> database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var billing = await database.CreateDbContextAsync(cancellationToken);
            var pending = (await billing.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
            return pending == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"{pending} migrations are pending: run `Billing -- migrate`.");
        }
        catch (Exception error) when (DatabaseFaults.IsOfTheDatabase(error))
        {
            return HealthCheckResult.Unhealthy("PostgreSQL does not answer.", error);
        }
    }
}
