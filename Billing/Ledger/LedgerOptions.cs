using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Ledger;

internal sealed class LedgerOptions
{
    public const string Section = "Billing";

    /// <summary>
    /// The platform's part of every settlement, in hundredths of a percent. Default: 1000 = 10 %, which pays for running the marketplace
    /// and leaves hosters well above what renting their GPU out by the hour brings.
    /// </summary>
    [SettingRange("Billing:FeeBasisPoints", "0", "10000")]
    public int FeeBasisPoints { get; set; } = 1000;
}

[OptionsValidator]
internal sealed partial class LedgerOptionsValidator : IValidateOptions<LedgerOptions>;
