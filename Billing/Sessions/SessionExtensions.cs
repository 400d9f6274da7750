using ComputeShare.Billing.Telemetry;
using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.Billing.Sessions;

internal static class SessionExtensions
{
    public static WebApplicationBuilder AddSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BillingTelemetry>();
        builder.Services.AddSingleton<SessionCommands>();
        builder.Services.AddSingleton<BillingGrpcService>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = StreamingChannel.MaxMessageBytes;
            grpc.Interceptors.Add<DatabaseAwayInterceptor>();
        });
        return builder;
    }

    public static void MapSessions(this WebApplication app) => app.MapGrpcService<BillingGrpcService>().ServedOn(PortRole.Internal);
}
