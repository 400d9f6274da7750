using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes.Tunnels;

/// <summary>Tunnels that nodes open to this gateway (docs/tunnel.md).</summary>
internal sealed class TunnelOptions
{
    public const string Section = "Tunnel";

    /// <summary>After how much silence a node is sent a ping, which also keeps the router before it from forgetting the connection. Default: 15 s.</summary>
    [SettingRange("Tunnel:PingEvery", "00:00:00.1", "00:10:00")]
    public TimeSpan PingEvery { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the answer to it may take; then the tunnel is dead. Default: 15 s, for a link may be slow, or away for a moment.</summary>
    [SettingRange("Tunnel:PingTimeout", "00:00:00.1", "00:10:00")]
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Most tunnels that this gateway holds; further nodes are answered 503, and go to another. Default: 10,000.</summary>
    [SettingRange("Tunnel:Limit", "0", "1000000")]
    public int Limit { get; set; } = 10_000;
}

[OptionsValidator]
internal sealed partial class TunnelOptionsValidator : IValidateOptions<TunnelOptions>;
