using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Measuring;

internal sealed class MeasuringOptions
{
    public const string Section = "Measuring";

    /// <summary>
    /// Percent that the newest attempt counts in a node's averages; the first few count more. Ten attempts make most of an average, so that a
    /// change is seen soon and one slow answer is not taken for one. Default: 10.
    /// </summary>
    [SettingRange("Measuring:NewestPercent", "1", "100")]
    public int NewestPercent { get; set; } = 10;

    /// <summary>
    /// After how long without traffic half of what was measured is forgotten: a node that was slow or failing once gets its next chance.
    /// Default: 5 min.
    /// </summary>
    [SettingRange("Measuring:HalfLife", "00:00:01", "1.00:00:00")]
    public TimeSpan HalfLife { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Half of a node's usual load is what it was within this time, half what it was before: about as long as somebody thinks between two turns
    /// of a conversation. Default: 1 min.
    /// </summary>
    [SettingRange("Measuring:LoadHalfLife", "00:00:01", "1.00:00:00")]
    public TimeSpan LoadHalfLife { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time to the first token assumed where neither traffic nor the node tells one. Default: 1 s.</summary>
    [SettingRange("Measuring:AssumedTtft", "00:00:00.001", "00:10:00")]
    public TimeSpan AssumedTtft { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Tokens per second assumed where neither traffic nor the node tells them. Default: 20.</summary>
    [SettingRange("Measuring:AssumedTokensPerSecond", "1", "100000")]
    public int AssumedTokensPerSecond { get; set; } = 20;
}

[OptionsValidator]
internal sealed partial class MeasuringOptionsValidator : IValidateOptions<MeasuringOptions>;
