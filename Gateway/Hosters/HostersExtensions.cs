using ComputeShare.Gateway.Keys;
using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.Gateway.Hosters;

internal static class HostersExtensions
{
    public const string Route = "/v1/hosters";

    public static WebApplicationBuilder AddHosterAccounts(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SchedulerCalls>();
        return builder;
    }

    public static WebApplication MapHosters(this WebApplication app)
    {
        var routes = app.MapGroup("").ServedOn(PortRole.Public).AddEndpointFilter<RouteGroupBuilder, RefusalFilter>();
        routes.MapKeys(Route + "/keys", KeyTermsReader.ReadNameAndEnd).AddEndpointFilter<RouteGroupBuilder, LastingKeyFilter>();
        var hosters = routes.MapGroup(Route);
        hosters.MapHosterAccount();
        hosters.MapHosterNodes();
        hosters.MapEarnings();
        hosters.MapMarket();
        return app;
    }
}
