namespace ComputeShare.Billing.Usage;

internal static class UsageExtensions
{
    public static WebApplicationBuilder AddUsage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UsageReader>();
        builder.Services.AddSingleton<CreditReader>();
        return builder;
    }
}
