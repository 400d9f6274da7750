using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>
/// <c>/alive</c>: the process answers. <c>/health</c>: what it needs answers too. Both in production, on the health port.
/// </summary>
internal static class HealthEndpoints
{
    public const string Alive = "/alive";
    public const string Health = "/health";

    public static void MapHealthEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(Alive, new HealthCheckOptions { Predicate = _ => false }).ServedOn(PortRole.Health);
        app.MapHealthChecks(Health).ServedOn(PortRole.Health);
    }
}
