using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.Gateway.Sessions;

internal sealed class SessionsHealthCheck(SchedulerSessions scheduler, BillingSessions billing) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((scheduler.IsConnected, billing.IsConnected) switch
        {
            (true, true) => HealthCheckResult.Healthy(),
            (false, true) => HealthCheckResult.Unhealthy("No scheduler is connected."),
            (true, false) => HealthCheckResult.Unhealthy("No billing is connected."),
            _ => HealthCheckResult.Unhealthy("Neither a scheduler nor a billing is connected."),
        });
}
