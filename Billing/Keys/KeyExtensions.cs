namespace ComputeShare.Billing.Keys;

internal static class KeyExtensions
{
    public static WebApplicationBuilder AddKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyRegister>();
        builder.Services.AddSingleton<KeyWriter>();
        builder.Services.AddSingleton<KeyReader>();
        builder.Services.AddSingleton<KeyCalls>();
        builder.Services.AddSingleton<KeyNotices>();
        builder.Services.AddHostedService<KeyNoticeListener>();
        return builder;
    }
}
