using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tunnels;

/// <summary>How the node keeps itself reachable without an open port.</summary>
internal sealed class TunnelOptions
{
    public const string Section = NodeOptions.Section;

    /// <summary><c>tunnel</c>: the node dials out. <c>direct</c>: gateways dial its internal port. Default: tunnel.</summary>
    public NodeTransport Transport { get; set; } = NodeTransport.Tunnel;

    /// <summary>To how many gateway replicas a tunnel is kept, where there are as many. Default: 2.</summary>
    [SettingRange("Node:Tunnels", "1", "16")]
    public int Tunnels { get; set; } = 2;

    /// <summary>
    /// After how much silence the gateway is sent a ping, well below the time after which a router forgets an idle connection. Default: 15 s.
    /// </summary>
    [SettingRange("Node:PingEvery", "00:00:00.1", "00:10:00")]
    public TimeSpan PingEvery { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an answer to it may take; then the tunnel counts as dead, and another is dialled. Default: 15 s.</summary>
    [SettingRange("Node:PingTimeout", "00:00:00.1", "00:10:00")]
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Lets a tunnel beyond loopback go without TLS, readable by everybody on its way, the hoster's key too. Default: no.</summary>
    public bool AllowUnencryptedTunnel { get; set; }
}

[OptionsValidator]
internal sealed partial class TunnelOptionsValidator : IValidateOptions<TunnelOptions>;
