using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Browsers;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Draining;
using ComputeShare.Gateway.Generations;
using ComputeShare.Gateway.Hosters;
using ComputeShare.Gateway.Idempotency;
using ComputeShare.Gateway.Keys;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.Nodes.Relay;
using ComputeShare.Gateway.Nodes.Tunnels;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Probes;
using ComputeShare.Gateway.Scheduling;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Settlement;
using ComputeShare.Gateway.Streaming;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.Gateway.Webhooks;
using ComputeShare.ServiceDefaults;
using ComputeShare.ServiceDefaults.Ports;

Build(args).Run();

internal sealed partial class Program
{
    internal static WebApplication Build(string[] args)
    {
        SocketThreads.GoOnInline();
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults(PortRole.Public, PortRole.Internal, PortRole.Health);
        builder.AddGatewayTelemetry().AddServiceSessions().AddOpenAI().AddApiKeyAuthentication().AddAdmission();
        builder.AddNodeScheduling().AddHosterNodes().AddTokenStreaming().AddSettlement();
        builder.AddMetering().AddCompletions().AddIdempotency().AddGenerations().AddKeyManagement().AddHosterAccounts();
        builder.AddWebhooks().AddDraining().AddBrowsers().AddProbes();
        var app = builder.Build();
        app.UseRequestIds().UseBrowsers().UseErrorEnvelope().UseDraining().UseCallerTraceLinks().MapDefaultEndpoints().UseServiceSecret();
        app.UseApiKeys().MapNodes().MapTunnels().MapRelay().MapKeyManagement().MapHosters().UseWebhooks().MapOpenAI();
        return app;
    }
}
