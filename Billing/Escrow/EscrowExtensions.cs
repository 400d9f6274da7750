using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Escrow;

internal static class EscrowExtensions
{
    public static WebApplicationBuilder AddEscrow(this WebApplicationBuilder builder)
    {
        builder.AddStandings();
        builder.Services.AddSingleton<RollUp>();
        builder.Services.AddSingleton<Clearing>();
        builder.Services.AddHostedService<RollUpWorker>();
        builder.Services.AddHostedService<EscrowWorker>();
        return builder;
    }

    /// <summary>What administration needs of it: how hosters stand.</summary>
    public static WebApplicationBuilder AddStandings(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<EscrowOptions>, EscrowOptionsValidator>();
        builder.Services.AddOptions<EscrowOptions>().BindConfiguration(EscrowOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<HosterStandings>();
        return builder;
    }
}
