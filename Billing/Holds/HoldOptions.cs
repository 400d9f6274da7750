using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Holds;

internal sealed class HoldOptions
{
    public const string Section = "Holds";

    /// <summary>How long after a gateway's last word the reaper settles or releases a hold. Default: 10 min.</summary>
    [SettingRange("Holds:Expiry", "00:00:10", "1.00:00:00")]
    public TimeSpan Expiry { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long after its end a price is still taken for a request that has no hold yet: its lease was made while the price was valid. A
    /// request that has one goes on at it to its end. Default: 2 min.
    /// </summary>
    [SettingRange("Holds:EndedPrices", "00:00:00", "01:00:00")]
    public TimeSpan EndedPrices { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often the reaper looks. Default: 30 s.</summary>
    [SettingRange("Holds:ReapInterval", "00:00:01", "01:00:00")]
    public TimeSpan ReapInterval { get; set; } = TimeSpan.FromSeconds(30);
}

[OptionsValidator]
internal sealed partial class HoldOptionsValidator : IValidateOptions<HoldOptions>;
