namespace ComputeShare.Billing.Hosters;

internal static class HosterExtensions
{
    public static WebApplicationBuilder AddHosters(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HosterReader>();
        builder.Services.AddSingleton<HosterNodeReader>();
        builder.Services.AddSingleton<EarningsReader>();
        return builder;
    }
}
