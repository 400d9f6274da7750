using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Nodes.Relay;

/// <summary>How gateways reach nodes whose tunnels end at other gateways.</summary>
internal sealed class RelayOptions
{
    public const string Section = "Relay";

    /// <summary>Where the other gateways find this one's internal port, such as <c>http://10.0.0.5:5021</c>. Default: that port on loopback.</summary>
    public string Address { get; set; } = "";

    /// <summary>How long others may use the route to a node after this gateway's last word. Default: 10 s.</summary>
    [SettingRange("Relay:RouteLife", "00:00:00.1", "00:10:00")]
    public TimeSpan RouteLife { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often routes are renewed; well below <see cref="RouteLife"/>. Default: 3 s.</summary>
    [SettingRange("Relay:RenewEvery", "00:00:00.01", "00:05:00")]
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(3);
}

[OptionsValidator]
internal sealed partial class RelayRangeValidator : IValidateOptions<RelayOptions>;

internal sealed class RelayOptionsValidator : IValidateOptions<RelayOptions>
{
    public ValidateOptionsResult Validate(string? name, RelayOptions options) =>
        options.Address.Length == 0
        || (Uri.TryCreate(options.Address, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "", PathAndQuery: "/" })
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Relay:Address must be an http address without a path, such as http://10.0.0.5:5021.");
}
