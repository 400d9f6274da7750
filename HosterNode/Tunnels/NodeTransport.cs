namespace ComputeShare.HosterNode.Tunnels;

/// <summary>How gateways reach this node (DESIGN.md §3, "Node transport").</summary>
internal enum NodeTransport
{
    /// <summary>The node dials gateways, and is called over what it dialled: no port is open to anybody.</summary>
    Tunnel,

    /// <summary>Gateways dial the node at its internal port.</summary>
    Direct,
}

internal static class NodeTransportExtensions
{
    private const string Key = "Node:Transport";

    /// <summary>Needed before options are: it decides which ports there are.</summary>
    /// <exception cref="InvalidOperationException">It is neither; the message names the key.</exception>
    public static NodeTransport NodeTransport(this IConfiguration configuration)
    {
        var text = configuration[Key];
        return string.IsNullOrEmpty(text) ? Tunnels.NodeTransport.Tunnel
            : Enum.TryParse<NodeTransport>(text, ignoreCase: true, out var transport) && Enum.IsDefined(transport) ? transport
            : throw new InvalidOperationException($"{Key} must be tunnel or direct.");
    }
}
