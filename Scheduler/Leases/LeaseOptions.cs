using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Leases;

internal sealed class LeaseOptions
{
    public const string Section = "Leases";

    /// <summary>How long a lease lives unless it is renewed. Gateways renew every 5 s. Default: 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00", ErrorMessage = "Leases:Life must be from 00:00:00.05 to 00:05:00.")]
    public TimeSpan Life { get; set; } = TimeSpan.FromSeconds(15);
}

[OptionsValidator]
internal sealed partial class LeaseOptionsValidator : IValidateOptions<LeaseOptions>;
