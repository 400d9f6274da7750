using System.Diagnostics;
using System.Net;
using ComputeShare.HosterNode.Watching;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Membership;

/// <summary>Joins every configured gateway once the node can be called, until the node is told to stop.</summary>
internal sealed class JoinWorker : BackgroundService
{
    private readonly IReadOnlyList<GatewayMembership> _memberships;
    private readonly MembershipOptions _options;
    private readonly NodeOptions _node;
    private readonly NodeStates _states;
    private readonly IServer _server;
    private readonly IHostApplicationLifetime _lifetime;

    public JoinWorker(
        IOptions<MembershipOptions> options,
        IOptions<NodeOptions> node,
        NodeStates states,
        JoinClient client,
        GatewayWatches watches,
        IServer server,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        ILogger<JoinWorker> log)
    {
        (_options, _node, _states, _server, _lifetime) = (options.Value, node.Value, states, server, lifetime);
        _memberships = [.. _options.Gateways.Select(gateway =>
            new GatewayMembership(new Uri(gateway), _options.HosterKey, _options.LongestJoinPause, client, watches, clock, log))];
    }

    /// <summary>Some gateway places requests on this node; or the node does not join any by itself.</summary>
    public bool IsIn => _memberships.Count == 0 || _memberships.Any(membership => membership.IsIn);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Lives as long as the process: no request's child.
        Activity.Current = null;
        // The first sign of the end: a node that is leaving does not ask for work.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _lifetime.ApplicationStopping);
        try
        {
            await StartedAsync(stop.Token);
            await Task.WhenAll(_memberships.Select(membership => membership.RunAsync(Request, stop.Token)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private JoinRequest Request() => new(_node.Id, Address().GetLeftPart(UriPartial.Authority), _node.DialToken, _states.Incarnation, NodeStates.Version);

    private Uri Address()
    {
        if (_options.AdvertisedAddress.Length > 0)
        {
            return new Uri(_options.AdvertisedAddress);
        }

        // Ports are opened, and listed, in the order Internal, Health.
        var bound = new Uri(_server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        var isEverywhere = IPAddress.TryParse(bound.DnsSafeHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        return isEverywhere ? new UriBuilder(bound) { Host = IPAddress.Loopback.ToString() }.Uri : bound;
    }

    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }
}
