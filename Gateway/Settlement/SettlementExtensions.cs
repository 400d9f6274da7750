using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

internal static class SettlementExtensions
{
    public static WebApplicationBuilder AddSettlement(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<SettlementOptions>, SettlementOptionsValidator>();
        builder.Services.AddOptions<SettlementOptions>().BindConfiguration(SettlementOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<OpenStreams>();
        builder.Services.AddSingleton<SettlementSpool>();
        builder.Services.AddSingleton<Settler>();
        builder.Services.AddHostedService<SpoolReplayer>();
        builder.Services.AddHostedService<CheckpointReporter>();
        builder.Services.AddHostedService<OpenStreamJournal>();
        return builder;
    }
}
