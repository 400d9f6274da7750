using ComputeShare.ServiceDefaults.Ports;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tunnels;

internal static class TunnelExtensions
{
    private const string HealthKey = "Ports:Health";
    private const string FolderKey = "Node:Folder";

    /// <summary>
    /// What the web server listens for: in a tunnel instead of on the internal port, and for its owner at a socket instead of on the health
    /// port, unless that is asked for too.
    /// </summary>
    public static PortRole[] NodePorts(this IConfiguration configuration)
    {
        PortRole[] internalPort = configuration.NodeTransport() == NodeTransport.Tunnel ? [] : [PortRole.Internal];
        var isHealthTold = string.IsNullOrEmpty(configuration[FolderKey]) || !string.IsNullOrEmpty(configuration[HealthKey]);
        return isHealthTold ? [.. internalPort, PortRole.Health] : internalPort;
    }

    public static void AddTunnels(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<TunnelOptions>, TunnelOptionsValidator>();
        builder.Services.AddOptions<TunnelOptions>().BindConfiguration(TunnelOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<TunnelRoster>();
        builder.Services.AddSingleton<TunnelDialer>();
        builder.Services.AddSingleton<LeaveNotices>();
        if (builder.Configuration.NodeTransport() == NodeTransport.Direct)
        {
            return;
        }

        builder.Services.AddSingleton<IConnectionListenerFactory, TunnelTransport>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // What the gateway sends may stand still for as long as the link is away; deadlines and pings say when that is too long.
            kestrel.Limits.MinRequestBodyDataRate = null;
            var tunnels = kestrel.ApplicationServices.GetRequiredService<IOptions<TunnelOptions>>().Value.Tunnels;
            for (var number = 1; number <= tunnels; number++)
            {
                kestrel.Listen(new TunnelEndPoint(number), PortRole.Internal);
            }
        });
    }
}
