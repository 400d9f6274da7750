using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Leases;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Placement;
using ComputeShare.Scheduler.Queueing;
using ComputeShare.Scheduler.Redis;
using ComputeShare.Scheduler.Sessions;
using ComputeShare.Scheduler.Sharing;
using ComputeShare.ServiceDefaults;
using ComputeShare.ServiceDefaults.Ports;

SchedulerProgram.Build(args).Run();

internal static class SchedulerProgram
{
    public static WebApplication Build(string[] args)
    {
        SocketThreads.GoOnInline();
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults(PortRole.Internal, PortRole.Health).AddServiceSecret();
        builder.AddRedis();
        builder.AddNodes();
        builder.AddLeases();
        builder.AddMeasuring();
        builder.AddAffinity();
        builder.AddSharing();
        builder.AddPlacement();
        builder.AddQueueing();
        builder.AddSchedulerSessions();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.UseServiceSecret();
        app.MapScheduler();
        return app;
    }
}
