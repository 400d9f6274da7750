using ComputeShare.Billing.Grouping;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Idempotency;

internal static class IdempotencyExtensions
{
    public static WebApplicationBuilder AddIdempotency(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<IdempotencyOptions>, IdempotencyOptionsValidator>();
        builder.Services.AddOptions<IdempotencyOptions>().BindConfiguration(IdempotencyOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<TakeOver>();
        builder.Services.AddLane<KeyedChange, KeyedRequestWriter>();
        builder.Services.AddSingleton<KeyedRequestIntake>();
        builder.Services.AddSingleton<KeySweep>();
        builder.Services.AddHostedService<KeySweepWorker>();
        return builder;
    }
}
