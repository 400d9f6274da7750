using System.Security.Cryptography;
using ComputeShare.Gateway.Nodes.Relay;

namespace ComputeShare.Gateway.Nodes;

/// <summary>The nodes that joined this gateway, and those whose tunnels end at another.</summary>
internal sealed class HosterChannels(JoinedNodes nodes, TunnelRoutes routes, RelayClient relay) : IHosterChannels
{
    public async ValueTask<NodeWay?> FindWayAsync(string nodeId)
    {
        if (nodes.FindWay(nodeId) is { } own)
        {
            return own;
        }

        if (await routes.FindAsync(nodeId) is not { Count: > 0 } others)
        {
            return null;
        }

        var order = others.ToArray();
        RandomNumberGenerator.Shuffle(order.AsSpan());
        return relay.Way(nodeId, order);
    }
}
