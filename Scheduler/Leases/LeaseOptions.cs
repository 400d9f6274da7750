using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Leases;

internal sealed class LeaseOptions
{
    public const string Section = "Leases";

    /// <summary>How long a lease lives unless it is renewed. Gateways renew every 5 s. Default: 15 s.</summary>
    [SettingRange("Leases:Life", "00:00:00.050", "00:05:00")]
    public TimeSpan Life { get; set; } = TimeSpan.FromSeconds(15);
}

[OptionsValidator]
internal sealed partial class LeaseOptionsValidator : IValidateOptions<LeaseOptions>;
