using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Generations;

/// <summary>How long it is known what a request used. The ledger is kept for ever.</summary>
internal sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>
    /// How long the record of a request is kept, at least: a month's go together, when the last of them is as old. Default: 400 days, so
    /// that a year can be compared with the one before.
    /// </summary>
    [SettingRange("Retention:Generations", "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Generations { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How often old records are looked for. Default: 1 h.</summary>
    [SettingRange("Retention:Interval", "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);
}

[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
