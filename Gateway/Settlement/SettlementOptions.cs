using System.ComponentModel.DataAnnotations;
using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

internal sealed class SettlementOptions
{
    public const string Section = "Settlement";

    /// <summary>
    /// Folder for settlements that Billing could not take; must outlive the process. Default: <c>spool</c> beside the program.
    /// </summary>
    [Required(ErrorMessage = "Settlement:SpoolPath must be a folder that outlives the process.")]
    public string SpoolPath { get; set; } = Path.Combine(AppContext.BaseDirectory, "spool");

    /// <summary>
    /// How long a settlement waits for Billing before it is spooled; as long at most it waits before that for a hold that still grows. Default:
    /// 0.4 s, so that a gateway that dies while Billing is slow has kept all but the last second of what it delivered.
    /// </summary>
    [SettingRange("Settlement:SpoolAfter", "00:00:00.1", "00:01:00")]
    public TimeSpan SpoolAfter { get; set; } = TimeSpan.FromSeconds(0.4);

    /// <summary>How long a spooled settlement waits for Billing each time it is sent. Default: 5 s.</summary>
    [SettingRange("Settlement:Timeout", "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often spooled settlements are sent again. Default: 1 s.</summary>
    [SettingRange("Settlement:ReplayEvery", "00:00:00.01", "00:10:00")]
    public TimeSpan ReplayEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often the counts of open streams are written to the spool, where the next gateway that starts on it finds them: what a sudden death
    /// costs then. Default: 0.1 s.
    /// </summary>
    [SettingRange("Settlement:JournalEvery", "00:00:00.01", "00:01:00")]
    public TimeSpan JournalEvery { get; set; } = TimeSpan.FromSeconds(0.1);

    /// <summary>
    /// How often the counts of open streams are reported, for a gateway whose spool is lost with it. Default: 0.5 s, so that with the way to a
    /// busy database, which may take as long, it gives away no more than a second of tokens.
    /// </summary>
    [SettingRange("Settlement:CheckpointEvery", "00:00:00.1", "00:01:00")]
    public TimeSpan CheckpointEvery { get; set; } = TimeSpan.FromSeconds(0.5);
}

[OptionsValidator]
internal sealed partial class SettlementOptionsValidator : IValidateOptions<SettlementOptions>;
