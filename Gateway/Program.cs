using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Scheduling;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Settlement;
using ComputeShare.Gateway.Streaming;
using ComputeShare.Gateway.Telemetry;
using ComputeShare.ServiceDefaults;
using ComputeShare.ServiceDefaults.Ports;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(PortRole.Public, PortRole.Health);
builder.AddGatewayTelemetry().AddServiceSessions().AddOpenAI().AddApiKeyAuthentication().AddAdmission();
builder.AddNodeScheduling().AddHosterNodes().AddTokenStreaming().AddSettlement().AddCompletions();

var app = builder.Build();
app.UseRequestIds().UseErrorEnvelope().UseCallerTraceLinks();
app.MapDefaultEndpoints();
app.UseApiKeys();
app.MapOpenAI();
app.Run();
