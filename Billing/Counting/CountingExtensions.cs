using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Counting;

internal static class CountingExtensions
{
    public static WebApplicationBuilder AddCounting(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<CountingOptions>, CountingOptionsValidator>();
        builder.Services.AddOptions<CountingOptions>().BindConfiguration(CountingOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<CountComparison>();
        return builder;
    }
}
