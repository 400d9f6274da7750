using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.Gateway.Draining;

internal sealed class DrainHealthCheck(Drain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(drain.IsDraining ? HealthCheckResult.Unhealthy("The gateway is about to stop.") : HealthCheckResult.Healthy());
}
