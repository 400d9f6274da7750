namespace ComputeShare.Billing.Keys;

internal static class KeyExtensions
{
    public static WebApplicationBuilder AddKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyRegister>();
        return builder;
    }
}
