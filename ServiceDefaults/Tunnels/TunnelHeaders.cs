namespace ComputeShare.ServiceDefaults.Tunnels;

/// <summary>What node and gateway say of themselves when a tunnel is opened (docs/tunnel.md).</summary>
public static class TunnelHeaders
{
    public const string Route = "/v1/nodes/tunnel";

    /// <summary>Request: the node's id.</summary>
    public const string Node = "x-computeshare-node";

    /// <summary>Request: the node's process, as its states name it.</summary>
    public const string Incarnation = "x-computeshare-incarnation";

    /// <summary>Request: what the node demands of callers, also of those that come through the tunnel.</summary>
    public const string DialToken = "x-computeshare-dial-token";

    /// <summary>Request: replicas that the node does not want, with commas between them. One that is named answers 421.</summary>
    public const string Avoid = "x-computeshare-avoid";

    /// <summary>Response: the replica at which the tunnel ends.</summary>
    public const string Gateway = "x-computeshare-gateway";
}
