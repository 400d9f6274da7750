using ComputeShare.Billing.Payouts;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Payments;

internal static class PaymentExtensions
{
    public static WebApplicationBuilder AddPayments(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<PaymentOptions>, PaymentOptionsValidator>();
        builder.Services.AddOptions<PaymentOptions>().BindConfiguration(PaymentOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IPaymentProvider, StripeProvider>();
        builder.Services.AddSingleton<PayoutRegister>();
        builder.Services.AddSingleton<PaymentIntake>();
        return builder;
    }
}
