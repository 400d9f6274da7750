using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Partitions;

internal sealed class PartitionOptions
{
    public const string Section = "Partitions";

    /// <summary>How many months' partitions there are beyond this one's. Default: 3, so that a Billing may stand still for a quarter.</summary>
    [SettingRange("Partitions:MonthsAhead", "1", "24")]
    public int MonthsAhead { get; set; } = 3;

    /// <summary>How often missing ones are made; the first time when the service starts. Default: 6 h.</summary>
    [SettingRange("Partitions:Interval", "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(6);
}

[OptionsValidator]
internal sealed partial class PartitionOptionsValidator : IValidateOptions<PartitionOptions>;
