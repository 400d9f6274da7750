namespace ComputeShare.Gateway.Nodes.Relay;

/// <summary>What gateways say to each other about a relayed call, beside what the call itself carries.</summary>
internal static class RelayHeaders
{
    /// <summary>Request: the node that is meant.</summary>
    public const string Node = "x-computeshare-node";

    /// <summary>Request, taken out before it is sent: the gateways to try, with blanks between them.</summary>
    public const string Routes = "x-computeshare-routes";

    /// <summary>Response: the gateway has no tunnel of the node; nothing was sent to it.</summary>
    public const string NoTunnel = "x-computeshare-no-tunnel";
}
