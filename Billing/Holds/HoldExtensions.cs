using ComputeShare.Billing.Grouping;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Holds;

internal static class HoldExtensions
{
    public static WebApplicationBuilder AddHolds(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<HoldOptions>, HoldOptionsValidator>();
        builder.Services.AddOptions<HoldOptions>().BindConfiguration(HoldOptions.Section).ValidateOnStart();
        builder.Services.AddLane<HoldChange, HoldWriter>();
        builder.Services.AddSingleton<HoldIntake>();
        builder.Services.AddSingleton<Checkpoints>();
        builder.Services.AddSingleton<HoldReaper>();
        builder.Services.AddHostedService<HoldReaperWorker>();
        return builder;
    }
}
