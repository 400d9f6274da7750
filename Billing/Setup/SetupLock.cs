using ComputeShare.Billing.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace ComputeShare.Billing.Setup;

/// <summary>
/// Lets one set-up at a time into the database, which it makes if it is not there. EF Core's own lock is on a table that the first
/// migration has yet to make, so two first set-ups would meet.
/// </summary>
internal sealed class SetupLock(NpgsqlDataSource database, IDbContextFactory<BillingDbContext> contexts)
{
    // Any number, as long as it stays.
    private const string Take = "SELECT pg_advisory_lock(4600)";

    /// <summary>Gives the lock back when it is disposed of, or when the process ends.</summary>
    public async Task<IAsyncDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await MakeDatabaseAsync(cancellationToken);
        var connection = await database.OpenConnectionAsync(cancellationToken);

        // Another set-up may take as long as its migrations need. Npgsql resets a connection that goes back to the pool, locks included.
        await using var take = new NpgsqlCommand(Take, connection) { CommandTimeout = 0 };
        await take.ExecuteNonQueryAsync(cancellationToken);
        return connection;
    }

    private async Task MakeDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var billing = await contexts.CreateDbContextAsync(cancellationToken);
        var creator = billing.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancellationToken))
        {
            return;
        }

        try
        {
            await creator.CreateAsync(cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another set-up was quicker.
        }
    }
}
