using ComputeShare.Scheduler.Telemetry;
using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.Scheduler.Sessions;

internal static class SessionsExtensions
{
    public static void AddSchedulerSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = StreamingChannel.MaxMessageBytes;
            grpc.MaxSendMessageSize = StreamingChannel.MaxMessageBytes;
        });
        builder.Services.AddSingleton<SchedulerTelemetry>();
        builder.Services.AddSingleton<SessionCommands>();
    }

    public static void MapScheduler(this WebApplication app) => app.MapGrpcService<SchedulerGrpcService>().ServedOn(PortRole.Internal);
}
