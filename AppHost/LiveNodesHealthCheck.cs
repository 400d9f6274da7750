using ComputeShare.Contracts.Scheduling;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.AppHost;

/// <summary>
/// Healthy when the Scheduler can place a request on every node of the topology. A gateway is healthy before: its nodes come and go. But
/// whoever is told that everything is ready wants to be served.
/// </summary>
internal sealed class LiveNodesHealthCheck(EndpointReference scheduler, string serviceSecret, int expected) : IHealthCheck, IDisposable
{
    private readonly Lazy<GrpcChannel> _channel = new(() => GrpcChannel.ForAddress(scheduler.Url));

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var live = await new Scheduler.SchedulerClient(_channel.Value).ListLiveModelsAsync(
                new ListLiveModelsRequest(),
                new Metadata { { "authorization", $"Bearer {serviceSecret}" } },
                cancellationToken: cancellationToken);
            var nodes = live.Models.Select(model => (int)model.Nodes).DefaultIfEmpty(0).Max();
            return nodes >= expected ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"{nodes} of {expected} nodes are live");
        }
        catch (RpcException error)
        {
            return HealthCheckResult.Unhealthy($"the Scheduler does not say which nodes are live ({error.StatusCode})");
        }
    }

    public void Dispose()
    {
        if (_channel.IsValueCreated)
        {
            _channel.Value.Dispose();
        }
    }
}

internal static class LiveNodesExtensions
{
    private const string Check = "live-nodes";

    public static void WithLiveNodes(
        this IResourceBuilder<ProjectResource> gateway,
        IResourceBuilder<ProjectResource> scheduler,
        string serviceSecret,
        int expected)
    {
        gateway.ApplicationBuilder.Services.AddHealthChecks().AddCheck(Check, new LiveNodesHealthCheck(scheduler.GetEndpoint("http"), serviceSecret, expected));
        gateway.WithHealthCheck(Check);
    }
}
