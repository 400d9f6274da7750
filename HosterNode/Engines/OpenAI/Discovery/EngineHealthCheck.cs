using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.HosterNode.Engines.OpenAI.Discovery;

/// <summary>A node whose engine is away has joined and serves nothing.</summary>
internal sealed class EngineHealthCheck(EngineMonitor monitor) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        (await monitor.CurrentAsync(cancellationToken)).IsSameAs(EngineFinding.Away)
            ? HealthCheckResult.Unhealthy("The engine does not answer.")
            : HealthCheckResult.Healthy();
}
