using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Audit;

internal sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>How often the ledger is audited; the first time when the service starts. Default: 15 min.</summary>
    [SettingRange("Audit:Interval", "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(15);
}

[OptionsValidator]
internal sealed partial class AuditOptionsValidator : IValidateOptions<AuditOptions>;
