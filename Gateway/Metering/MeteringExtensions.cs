using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Metering;

internal static class MeteringExtensions
{
    public static WebApplicationBuilder AddMetering(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<MeteringOptions>, MeteringOptionsValidator>();
        builder.Services.AddOptions<MeteringOptions>().BindConfiguration(MeteringOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<TokenizerFolder>();
        builder.Services.AddSingleton<ModelMeters>();
        builder.Services.AddSingleton<RequestMetering>();
        builder.Services.AddSingleton<NodeCounts>();
        builder.Services.AddHostedService<MeterRefresher>();
        builder.Services.AddHostedService<NodeCountReporter>();
        return builder;
    }
}
