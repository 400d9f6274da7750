using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Ledger;

internal static class LedgerExtensions
{
    public static WebApplicationBuilder AddLedgerOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<LedgerOptions>, LedgerOptionsValidator>();
        builder.Services.AddOptions<LedgerOptions>().BindConfiguration(LedgerOptions.Section).ValidateOnStart();
        return builder;
    }
}
