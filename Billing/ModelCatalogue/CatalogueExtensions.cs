namespace ComputeShare.Billing.ModelCatalogue;

internal static class CatalogueExtensions
{
    public static WebApplicationBuilder AddModelCatalogue(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<CatalogueReader>();
        return builder;
    }
}
