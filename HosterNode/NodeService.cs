using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Engines;
using ComputeShare.HosterNode.Gpus;
using ComputeShare.HosterNode.Limits;
using ComputeShare.HosterNode.Membership;
using ComputeShare.HosterNode.Owner;
using ComputeShare.HosterNode.Reporting;
using ComputeShare.HosterNode.Slots;
using ComputeShare.HosterNode.Streaming;
using ComputeShare.HosterNode.Telemetry;
using ComputeShare.HosterNode.Tunnels;
using ComputeShare.HosterNode.Watching;
using ComputeShare.ServiceDefaults;
using ComputeShare.ServiceDefaults.Ports;

namespace ComputeShare.HosterNode;

/// <summary>The serving process.</summary>
internal static class NodeService
{
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.AddNode(builder.Configuration.NodePorts());
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.UseDialToken();
        app.MapInference();
        app.MapControl();
        return app;
    }

    /// <summary>Everything but its routes, listening on these ports.</summary>
    public static void AddNode(this WebApplicationBuilder builder, params PortRole[] ports)
    {
        SocketThreads.GoOnInline();
        builder.AddServiceDefaults(ports);
        builder.AddNodeOptions();
        builder.AddNodeTelemetry();
        builder.AddEngine();
        builder.AddLimits();
        builder.AddSlots();
        builder.AddGpus();
        builder.AddControl();
        builder.AddOwnerFirst();
        builder.AddWatching();
        builder.AddStreaming();
        builder.AddMembership();
        builder.AddTunnels();
        builder.AddReporting();
    }
}
