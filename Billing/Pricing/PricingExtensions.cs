namespace ComputeShare.Billing.Pricing;

internal static class PricingExtensions
{
    public static WebApplicationBuilder AddPricing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PriceList>();
        builder.Services.AddSingleton<SharePricer>();
        return builder;
    }
}
