using System.Net;
using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes;

/// <summary>Nodes that this gateway dials itself (DESIGN.md §3, "Node transport").</summary>
internal sealed class DirectOptions
{
    public const string Section = "Direct";

    /// <summary>
    /// The networks in which nodes are dialled, in CIDR notation; a name's addresses must all lie in them. Default: loopback only.
    /// </summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>How often a node that joined is told to ask again. Default: 10 s.</summary>
    [SettingRange("Direct:AskAgainAfter", "00:00:00.1", "00:10:00")]
    public TimeSpan AskAgainAfter { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class DirectOptionsValidator : IValidateOptions<DirectOptions>;

internal sealed class AllowedNetworksValidator : IValidateOptions<DirectOptions>
{
    public ValidateOptionsResult Validate(string? name, DirectOptions options)
    {
        var wrong = options.AllowedNetworks
            .Select((network, index) => (network, index))
            .Where(entry => !IPNetwork.TryParse(entry.network, out _))
            .Select(entry => $"{DirectOptions.Section}:AllowedNetworks:{entry.index} must be a network in CIDR notation, such as 10.0.0.0/8.")
            .ToArray();
        return wrong.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}
