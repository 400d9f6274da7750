using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace ComputeShare.AppHost.Servers;

/// <summary>Healthy when the server lets us in; one that recovers from a crash answers, but does not.</summary>
internal sealed class PostgresHealthCheck(ReferenceExpression server) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Every server has this database.
        var settings = new NpgsqlConnectionStringBuilder(await server.GetValueAsync(cancellationToken)) { Database = "postgres", Pooling = false };
        try
        {
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException error)
        {
            return HealthCheckResult.Unhealthy($"PostgreSQL does not let us in ({error.Message})");
        }
    }
}
