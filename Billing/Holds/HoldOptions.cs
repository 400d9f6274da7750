using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Holds;

internal sealed class HoldOptions
{
    public const string Section = "Holds";

    /// <summary>How long after a gateway's last word the reaper settles or releases a hold. Default: 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00", ErrorMessage = "Holds:Expiry must be from 10 s to 1 day.")]
    public TimeSpan Expiry { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often the reaper looks. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Holds:ReapInterval must be from 1 s to 1 h.")]
    public TimeSpan ReapInterval { get; set; } = TimeSpan.FromSeconds(30);
}

[OptionsValidator]
internal sealed partial class HoldOptionsValidator : IValidateOptions<HoldOptions>;
