using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Idempotency;

internal static class IdempotencyExtensions
{
    public static WebApplicationBuilder AddIdempotency(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<IdempotencyOptions>, IdempotencyOptionsValidator>();
        builder.Services.AddOptions<IdempotencyOptions>().BindConfiguration(IdempotencyOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<AnswerSeal>();
        builder.Services.AddSingleton<KeyedRequests>();
        builder.Services.AddSingleton<IdempotencyGate>();
        builder.Services.AddSingleton<IdempotencyRecord>();
        return builder;
    }
}
