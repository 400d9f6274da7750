using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Counting;

/// <summary>When a node's own token counts are found to be too high.</summary>
internal sealed class CountingOptions
{
    public const string Section = "Counting";

    /// <summary>
    /// Tokens over which one verdict is made: enough that what chance does to single answers has evened out. Default: 20,000.
    /// </summary>
    [SettingRange("Counting:Tokens", "1", "1000000000")]
    public int Tokens { get; set; } = 20_000;

    /// <summary>
    /// How much more than was counted a node may report, in hundredths of a percent: models write a few words in more tokens than they
    /// would be read in. Default: 50, half a percent.
    /// </summary>
    [SettingRange("Counting:ToleranceBasisPoints", "0", "100000")]
    public int ToleranceBasisPoints { get; set; } = 50;

    /// <summary>Verdicts in a row after which the node gets no more work, until the operator forgives it. Default: 3.</summary>
    [SettingRange("Counting:Strikes", "1", "1000")]
    public int Strikes { get; set; } = 3;
}

[OptionsValidator]
internal sealed partial class CountingOptionsValidator : IValidateOptions<CountingOptions>;
