using ComputeShare.HosterNode.Tunnels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Membership;

/// <summary>Ready means: a gateway watches this node and places requests on it.</summary>
internal sealed class MembershipHealthCheck(JoinWorker worker, GatewayWatches watches, IOptions<TunnelOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(IsIn ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("No gateway has let this node in."));

    private bool IsIn => options.Value.Transport == NodeTransport.Tunnel ? watches.IsAny : worker.IsIn;
}
