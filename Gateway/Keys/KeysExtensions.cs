using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.Gateway.Keys;

internal static class KeysExtensions
{
    public static WebApplicationBuilder AddKeyManagement(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BillingCalls>();
        return builder;
    }

    public static WebApplication MapKeyManagement(this WebApplication app)
    {
        var routes = app.MapGroup("").ServedOn(PortRole.Public).AddEndpointFilter<RouteGroupBuilder, RefusalFilter>();
        routes.MapKeys();
        routes.MapUsage();
        routes.MapCredits();
        return app;
    }
}
