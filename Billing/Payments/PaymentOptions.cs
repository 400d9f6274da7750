using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Payments;

internal sealed class PaymentOptions
{
    public const string Section = "Payments";

    /// <summary>What Stripe signs its webhooks with (<c>whsec_…</c>). Empty: none are taken. Default: empty.</summary>
    public string StripeWebhookSecret { get; set; } = "";

    /// <summary>How far a webhook's time may be from this machine's: an old one that somebody sends again is refused. Default: 5 min.</summary>
    [SettingRange("Payments:Tolerance", "00:00:01", "01:00:00")]
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromMinutes(5);
}

[OptionsValidator]
internal sealed partial class PaymentOptionsValidator : IValidateOptions<PaymentOptions>;
