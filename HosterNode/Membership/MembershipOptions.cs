using ComputeShare.Contracts;
using ComputeShare.HosterNode.Tunnels;
using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Membership;

/// <summary>Which gateways the node asks for work, and as whose node.</summary>
internal sealed class MembershipOptions
{
    public const string Section = NodeOptions.Section;

    /// <summary>
    /// The gateways' public addresses, <c>Node:Gateways:0…n</c>. With tunnels one address of a balancer will do. A node that is dialled
    /// directly joins each: a gateway dials only nodes that joined it, so every replica is named here, not a balancer in front of them;
    /// without any, it waits for callers that know its dial token.
    /// </summary>
    public IList<string> Gateways { get; } = [];

    /// <summary>The hoster's key, <c>ngh_…</c>.</summary>
    public string HosterKey { get; set; } = "";

    /// <summary>
    /// A PEM file of the certificate authorities, or certificates, that vouch for gateways, in place of those that the machine trusts. Default:
    /// the machine's.
    /// </summary>
    public string TrustedCertificates { get; set; } = "";

    /// <summary>Where gateways find this node, such as <c>http://10.0.0.7:5101</c>. Default: its internal port on loopback.</summary>
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>The longest pause before a gateway that is away, or does not let the node in, is asked again; shorter at first. Default: 10 s.</summary>
    [SettingRange("Node:LongestJoinPause", "00:00:00.250", "00:10:00")]
    public TimeSpan LongestJoinPause { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class MembershipRangeValidator : IValidateOptions<MembershipOptions>;

internal sealed class MembershipOptionsValidator(IConfiguration configuration) : IValidateOptions<MembershipOptions>
{
    private const string DialTokenKey = "Node:DialToken";
    private const string AllowUnencryptedKey = "Node:AllowUnencryptedTunnel";

    public ValidateOptionsResult Validate(string? name, MembershipOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var (gateway, index) in options.Gateways.Select((gateway, index) => (gateway, index)))
        {
            if (!IsHttpAddress(gateway))
            {
                result.AddError($"Node:Gateways:{index} must be a gateway's address, such as http://gateway:8080.");
            }
        }

        var isTunnelled = configuration.NodeTransport() == NodeTransport.Tunnel;
        if (options.Gateways.Count == 0 && (isTunnelled || string.IsNullOrEmpty(configuration[DialTokenKey])))
        {
            result.AddError(isTunnelled
                ? "Node:Gateways:0 must be set to a gateway's address, such as https://gateway.example.com."
                : $"Node:Gateways:0 must be set to a gateway's address: without it, and without {DialTokenKey}, nobody can call this node.");
        }

        if (isTunnelled && !configuration.GetValue<bool>(AllowUnencryptedKey))
        {
            foreach (var index in Enumerable.Range(0, options.Gateways.Count).Where(index => IsReadableOnItsWay(options.Gateways[index])))
            {
                result.AddError($"Node:Gateways:{index} must be an https address: a tunnel carries the hoster's key. {AllowUnencryptedKey}=true lets it go without TLS.");
            }
        }

        if (options.Gateways.Count > 0 && !ApiKey.IsWellFormed(options.HosterKey, ApiKey.HosterPrefix))
        {
            result.AddError($"Node:HosterKey must be set to a hoster's key, {ApiKey.HosterPrefix}….");
        }

        if (options.TrustedCertificates.Length > 0 && GatewayTrust.Load(options.TrustedCertificates) is null)
        {
            result.AddError("Node:TrustedCertificates must be a readable PEM file with at least one certificate.");
        }

        if (options.AdvertisedAddress.Length > 0 && !IsHttpAddress(options.AdvertisedAddress))
        {
            result.AddError("Node:AdvertisedAddress must be an http address without a path, such as http://10.0.0.7:5101.");
        }

        return result.Build();
    }

    private static bool IsReadableOnItsWay(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http", IsLoopback: false };

    private static bool IsHttpAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "", PathAndQuery: "/" };
}
