using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Affinity;

internal sealed class AffinityOptions
{
    public const string Section = "Affinity";

    /// <summary>How long a node is taken to hold a prompt's prefix after it was given it; engines keep it about as long. Default: 10 min.</summary>
    [SettingRange("Affinity:Life", "00:00:01", "1.00:00:00")]
    public TimeSpan Life { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Prefixes remembered at each Scheduler, about 100 bytes each; a prompt has one or two per doubling of its length. Default: 500,000.</summary>
    [SettingRange("Affinity:Limit", "0", "100000000")]
    public int Limit { get; set; } = 500_000;
}

[OptionsValidator]
internal sealed partial class AffinityOptionsValidator : IValidateOptions<AffinityOptions>;
