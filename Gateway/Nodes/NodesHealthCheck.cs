using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.Gateway.Nodes;

/// <summary>
/// A gateway that has just started knows no node: it is not ready until each configured one has spoken once, or has had its time to.
/// After that, nodes come and go without making it unhealthy.
/// </summary>
internal sealed class NodesHealthCheck(NodeWatchers watchers, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly long _started = clock.GetTimestamp();

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watchers.AllReportedOnce || clock.GetElapsedTime(_started) > Grace
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("Not all nodes have been heard yet."));
}
