using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.Scheduler.Redis;

internal sealed class RedisHealthCheck(RedisConnection connection) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await connection.PingAsync();
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (RedisConnection.MeansUnavailable(error))
        {
            return HealthCheckResult.Unhealthy("Redis is away.");
        }
    }
}
