using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace ComputeShare.Billing.Persistence;

/// <summary>
/// Unhealthy while PostgreSQL is away or its schema is older than this program. Asked for before EF Core knows its model, and by whoever waits
/// for a start: it does without.
/// </summary>
internal sealed class SchemaHealthCheck(NpgsqlDataSource database) : IHealthCheck
{
    /// <summary>The newest of <c>Migrations</c>: they are applied in order.</summary>
    public const string NewestMigration = "20261127141906_HoldsWithoutForeignKey";

    private const string IsThere = """SELECT EXISTS (SELECT FROM "__EFMigrationsHistory" WHERE "MigrationId" = $1)""";

    private static readonly HealthCheckResult Old = HealthCheckResult.Unhealthy("The database's schema is older than this program: run `Billing -- migrate`.");

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            return await Sql.ScalarAsync<bool>(connection, IsThere, cancellationToken, Sql.Value(NewestMigration)) ? HealthCheckResult.Healthy() : Old;
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidCatalogName)
        {
            return Old;
        }
        catch (Exception error) when (DatabaseFaults.IsOfTheDatabase(error))
        {
            return HealthCheckResult.Unhealthy("PostgreSQL does not answer.", error);
        }
    }
}
