using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Redis;

internal static class RedisExtensions
{
    public static void AddRedis(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<RedisOptions>, RedisOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<RedisOptions>, RedisConnectionStringValidator>();
        builder.Services.AddOptions<RedisOptions>()
            .BindConfiguration(RedisOptions.Section)
            .Configure<IConfiguration>((options, configuration) =>
                options.ConnectionString = configuration.GetConnectionString(RedisOptions.ConnectionName) ?? "")
            .ValidateOnStart();
        builder.Services.AddSingleton<RedisConnection>();
        builder.Services.AddSingleton<RedisScripts>();
        builder.Services.AddSingleton<NodeStateStore>();
        builder.Services.AddSingleton<NodeStatusStore>();
        builder.Services.AddSingleton<SlotEvents>();
        builder.Services.AddSingleton<CoolDownStore>();
        builder.Services.AddSingleton<ObservationLog>();
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
    }
}
