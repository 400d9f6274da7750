using ComputeShare.ServiceDefaults.Faults;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.ServiceDefaults.Telemetry;
using ComputeShare.ServiceDefaults.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ComputeShare.ServiceDefaults;

public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Telemetry, ports, health, clock, fault points and the size of the thread pool. <paramref name="ports"/> are the ports this kind of service
    /// must be given.
    /// </summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, params PortRole[] ports)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddServicePorts(ports);
        builder.AddTelemetry();
        builder.AddFaultPoints();
        builder.Services.AddHealthChecks();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<PoolThreads>();
        return builder;
    }

    /// <summary>Health on the health port; every other endpoint only on the port it is <see cref="PortRoleExtensions.ServedOn"/>.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.UsePublicConnections();
        app.UsePortRoles();
        app.MapHealthEndpoints();
        return app;
    }
}
