using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Draining;

/// <summary>What a gateway does when it is told to stop.</summary>
internal sealed class DrainOptions
{
    public const string Section = "Drain";

    /// <summary>How long running requests, also those relayed for other gateways, may go on. Default: 2 min.</summary>
    [SettingRange("Drain:Limit", "00:00:00", "01:00:00")]
    public TimeSpan Limit { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long to wait for nodes to open a tunnel elsewhere, before anything else is done. Default: 5 s.</summary>
    [SettingRange("Drain:NodesLeaveWithin", "00:00:00", "00:01:00")]
    public TimeSpan NodesLeaveWithin { get; set; } = TimeSpan.FromSeconds(5);
}

[OptionsValidator]
internal sealed partial class DrainOptionsValidator : IValidateOptions<DrainOptions>;
