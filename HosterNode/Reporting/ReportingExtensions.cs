namespace ComputeShare.HosterNode.Reporting;

internal static class ReportingExtensions
{
    /// <summary>What the node's owner is shown. Nobody can ask a node without a control socket, so it does not ask for its earnings either.</summary>
    public static void AddReporting(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<NodeTraffic>();
        builder.Services.AddSingleton<EarningsMonitor>();
        builder.Services.AddSingleton<NodeStatusReader>();
        if (builder.Services.Any(service => service.ServiceType == typeof(Control.OwnerFolder)))
        {
            builder.Services.AddHostedService(services => services.GetRequiredService<EarningsMonitor>());
        }
    }
}
