using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Gpus;
using ComputeShare.HosterNode.Membership;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Streaming;
using ComputeShare.HosterNode.Telemetry;
using ComputeShare.HosterNode.Watching;
using ComputeShare.ServiceDefaults;
using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.HosterNode;

internal static class Program
{
    public static Task Main(string[] args) => Build(args).RunAsync();

    internal static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults(PortRole.Internal, PortRole.Health);
        builder.AddNodeOptions();
        builder.AddNodeTelemetry();
        builder.AddEngine();
        builder.AddSlots();
        builder.AddGpus();
        builder.AddWatching();
        builder.AddStreaming();
        builder.AddMembership();

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.UseDialToken();
        app.MapInference();
        return app;
    }
}
