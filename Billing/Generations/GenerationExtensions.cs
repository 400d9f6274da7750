namespace ComputeShare.Billing.Generations;

internal static class GenerationExtensions
{
    public static WebApplicationBuilder AddGenerations(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<GenerationReader>();
        return builder;
    }
}
