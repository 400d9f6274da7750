using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Limits;

/// <summary>What this node takes at most, whatever a gateway says. Its state tells them, so that a gateway places nothing beyond them here.</summary>
internal sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>A request's body, in bytes. Default: 48 MiB, as much as a gateway sends to anybody.</summary>
    [SettingRange("Limits:BodyBytes", "1024", "50331648")]
    public int BodyBytes { get; set; } = StreamingChannel.MaxMessageBytes;

    /// <summary>Tokens that one choice may be asked to have; where a request does not say, it gets no more. 0, the default: what fits the context.</summary>
    [SettingRange("Limits:CompletionTokens", "0", "100000000")]
    public int CompletionTokens { get; set; }

    /// <summary>From a request's arrival to its last token. Default: 10 min, a little more than gateways wait.</summary>
    [SettingRange("Limits:Total", "00:00:01", "01:00:00")]
    public TimeSpan Total { get; set; } = TimeSpan.FromMinutes(10);
}

[OptionsValidator]
internal sealed partial class LimitOptionsValidator : IValidateOptions<LimitOptions>;
