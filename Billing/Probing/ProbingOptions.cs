using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Probing;

/// <summary>When probes are against a node.</summary>
internal sealed class ProbingOptions
{
    public const string Section = "Probing";

    /// <summary>Probes of a node's model over which one verdict is made: one odd answer is none. Default: 20.</summary>
    [SettingRange("Probing:Probes", "1", "10000")]
    public int Probes { get; set; } = 20;

    /// <summary>
    /// How many of a hundred may be odd before the node is found: an honest one has a bad line or another kernel now and then. Default: 20.
    /// </summary>
    [SettingRange("Probing:TolerancePercent", "0", "99")]
    public int TolerancePercent { get; set; } = 20;

    /// <summary>Verdicts in a row after which the node gets no more work, until the operator forgives it. Default: 3.</summary>
    [SettingRange("Probing:Strikes", "1", "1000")]
    public int Strikes { get; set; } = 3;
}

[OptionsValidator]
internal sealed partial class ProbingOptionsValidator : IValidateOptions<ProbingOptions>;
