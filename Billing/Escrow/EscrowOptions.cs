using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Escrow;

/// <summary>The published threshold (docs/payouts.md): what must be so before a hoster's earnings leave escrow.</summary>
internal sealed class EscrowOptions
{
    public const string Section = "Escrow";

    /// <summary>How old earnings must be, in whole days (UTC): time to find out that they were not earned. Default: 7 d.</summary>
    [SettingRange("Escrow:Age", "00:00:00", "365.00:00:00")]
    public TimeSpan Age { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many requests of others a hoster must have been settled for within the window. Default: 100.</summary>
    [SettingRange("Escrow:Requests", "0", "1000000000")]
    public int Requests { get; set; } = 100;

    /// <summary>How many of a hundred of them, and of the attempts that were not settled, its nodes must not have failed. Default: 95.</summary>
    [SettingRange("Escrow:SuccessPercent", "0", "100")]
    public int SuccessPercent { get; set; } = 95;

    /// <summary>What the hoster is judged by. Default: 30 d.</summary>
    [SettingRange("Escrow:Window", "1.00:00:00", "365.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often what was booked is added to hosters' days and sums: whoever asks adds up what came since himself. Default: 1 min.</summary>
    [SettingRange("Escrow:RollUpInterval", "00:00:01", "1.00:00:00")]
    public TimeSpan RollUpInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often earnings are cleared. Default: 1 h.</summary>
    [SettingRange("Escrow:Interval", "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);
}

[OptionsValidator]
internal sealed partial class EscrowOptionsValidator : IValidateOptions<EscrowOptions>;
