using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tunnels;

/// <summary>The web server's transport whose connections come from dialling, beside the one of sockets.</summary>
internal sealed class TunnelTransport(
    TunnelDialer dialer,
    IOptions<Membership.MembershipOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider clock) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is TunnelEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(
            new TunnelListener(endpoint, dialer, options.Value.LongestJoinPause, clock, lifetime.ApplicationStopping));
}
