using ComputeShare.AppHost;
using ComputeShare.AppHost.Servers;
using Microsoft.Extensions.Hosting;

// The local topology (DESIGN.md §8): one of each service and its nodes, in the order in which they start.
StartupException.ShowAsOneSentence();
var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, AllowUnsecuredTransport = true });
builder.Environment.EnvironmentName = Environments.Development;

using var data = LocalData.Open(builder);
if (args.Contains("--fresh"))
{
    data.Empty();
}

builder.StopWithDotnetRun();
builder.ChooseDashboardAddresses();
var mode = await builder.DecideServerModeAsync();
var redis = builder.AddRedis(mode, data);
var postgres = builder.AddPostgres(mode, data);

var serviceSecret = builder.AddParameter("service-secret", LocalData.NewSecret(), secret: true);
var answerKey = builder.AddParameter("answer-key", data.AnswerKey(), secret: true);
var demoKey = builder.AddParameter("demo-key", data.DemoKey(), secret: true);
var demoHosterKey = builder.AddParameter("demo-hoster-key", data.DemoHosterKey(), secret: true);

var migration = builder.AddProject<Projects.Billing>("billing-migrate", launchProfileName: null)
    .WithArgs("migrate")
    .InDevelopment()
    .WithEnvironment("Demo__ApiKey", demoKey)
    .WithEnvironment("Demo__HosterKey", demoHosterKey)
    .WithReference(postgres, "billing").WaitFor(postgres);

var billing = builder.AddProject<Projects.Billing>("billing", launchProfileName: null)
    .InDevelopment().WithHealth().WithInternalPort()
    .WithEnvironment("Services__Secret", serviceSecret)
    .WithReference(postgres, "billing").WaitFor(postgres)
    .WaitForCompletion(migration);

var scheduler = builder.AddProject<Projects.Scheduler>("scheduler", launchProfileName: null)
    .InDevelopment().WithHealth().WithInternalPort()
    .WithEnvironment("Services__Secret", serviceSecret)
    .WithReference(redis).WaitFor(redis);

var gateway = builder.AddProject<Projects.Gateway>("gateway", launchProfileName: null)
    .InDevelopment().WithHealth()
    .WithHttpEndpoint(port: LocalPorts.TakeOrFree(builder.GatewayPort()), name: "http", env: "Ports__Public")
    .WithHttpEndpoint(name: "internal", env: "Ports__Internal")
    .WithEnvironment("Services__Secret", serviceSecret)
    .WithEnvironment("Settlement__SpoolPath", data.Folder("spool"))
    .WithEnvironment("Idempotency__AnswerKey", answerKey)
    .WithReference(redis).WaitFor(redis)
    .WithReference(scheduler.GetEndpoint("http")).WaitFor(scheduler)
    .WithReference(billing.GetEndpoint("http")).WaitFor(billing);

// A node is ready when the gateway places requests on it, so the last of them says that the printed lines work.
var nodes = builder.AddHosterNodes(gateway, demoHosterKey);

gateway.AnnounceWhenReady(nodes, data, postgres);
await using var application = builder.Build();
await application.RunAsync();
