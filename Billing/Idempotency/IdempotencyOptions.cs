using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Idempotency;

internal sealed class IdempotencyOptions
{
    public const string Section = "Idempotency";

    /// <summary>
    /// How long after a gateway's last word a retry may take a request with an Idempotency-Key over from it. Several of the gateways'
    /// checkpoints, and longer than they take to find that a replica of Billing answers no more (20 s). Default: 30 s.
    /// </summary>
    [SettingRange("Idempotency:OwnerLife", "00:00:01", "00:10:00")]
    public TimeSpan OwnerLife { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a key and its answer are kept. Default: 24 h.</summary>
    [SettingRange("Idempotency:Retention", "01:00:00", "30.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often older ones are looked for. Default: 10 min.</summary>
    [SettingRange("Idempotency:SweepInterval", "00:00:01", "1.00:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(10);
}

[OptionsValidator]
internal sealed partial class IdempotencyOptionsValidator : IValidateOptions<IdempotencyOptions>;
