using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.HosterNode.Membership;

/// <summary>Ready means: a gateway watches this node and places requests on it.</summary>
internal sealed class MembershipHealthCheck(JoinWorker worker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(worker.IsIn ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("No gateway has let this node in."));
}
