using ComputeShare.Billing.ModelCatalogue;
using ComputeShare.Billing.Persistence;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Setup;

/// <summary>Wait, migrate, grant, seed: what <c>migrate</c> does, in this order. May be run again, and by several at once.</summary>
internal sealed class DatabaseSetup(
    DatabaseWait wait,
    SetupLock setupLock,
    ServiceRole serviceRole,
    IDbContextFactory<BillingDbContext> database,
    CatalogueSeed catalogue,
    DemoSeed demo,
    IHostEnvironment environment,
    ILogger<DatabaseSetup> logger)
{
    // A migration may rewrite a large table; the hot path's limit does not fit it.
    private static readonly TimeSpan MigrationTimeout = TimeSpan.FromMinutes(30);

    /// <exception cref="SetupException">Says in one sentence what is missing.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await wait.WaitAsync(cancellationToken);
        await using var alone = await setupLock.TakeAsync(cancellationToken);
        await using (var billing = await database.CreateDbContextAsync(cancellationToken))
        {
            billing.Database.SetCommandTimeout(MigrationTimeout);
            await billing.Database.MigrateAsync(cancellationToken);
        }

        await serviceRole.GrantAsync(cancellationToken);

        await catalogue.SeedAsync(await CatalogueFile.ReadAsync(CatalogueFile.DefaultPath, cancellationToken), cancellationToken);
        if (environment.IsDevelopment())
        {
            await demo.SeedAsync(cancellationToken);
        }

        SetupLog.Ready(logger);
    }
}
