using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Gpus;
using ComputeShare.HosterNode.Limits;
using ComputeShare.HosterNode.Membership;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Streaming;
using ComputeShare.HosterNode.Telemetry;
using ComputeShare.HosterNode.Tunnels;
using ComputeShare.HosterNode.Watching;
using ComputeShare.ServiceDefaults;

namespace ComputeShare.HosterNode;

internal static class Program
{
    public static Task Main(string[] args) => Build(args).RunAsync();

    internal static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults(builder.Configuration.NodePorts());
        builder.AddNodeOptions();
        builder.AddNodeTelemetry();
        builder.AddEngine();
        builder.AddLimits();
        builder.AddSlots();
        builder.AddGpus();
        builder.AddWatching();
        builder.AddStreaming();
        builder.AddMembership();
        builder.AddTunnels();

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.UseDialToken();
        app.MapInference();
        return app;
    }
}
