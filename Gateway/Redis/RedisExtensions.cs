using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace ComputeShare.Gateway.Redis;

internal static class RedisExtensions
{
    private const string ConnectionName = "redis";

    // Redis answers in well under a millisecond; one that needs seconds is as good as away, and the caller should hear so.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private const int FirstPauseMilliseconds = 100;
    private const int LongestPauseMilliseconds = 2000;

    public static void AddRedis(this WebApplicationBuilder builder)
    {
        var options = Parse(builder.Configuration.GetConnectionString(ConnectionName));
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AsyncTimeout = (int)Timeout.TotalMilliseconds;
        options.ConnectTimeout = (int)Timeout.TotalMilliseconds;
        // The client's own policy waits ever longer, up to a minute: a Redis that is back would go on being away for the callers.
        options.ReconnectRetryPolicy = new ExponentialRetry(FirstPauseMilliseconds, LongestPauseMilliseconds);
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect(options));
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
    }

    /// <exception cref="InvalidOperationException">The text is no address; it is not repeated, for it may hold a password.</exception>
    private static ConfigurationOptions Parse(string? address)
    {
        try
        {
            var options = ConfigurationOptions.Parse(address ?? "");
            return options.EndPoints.Count > 0 ? options : throw new ArgumentException("No address.", nameof(address));
        }
        catch (ArgumentException)
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{ConnectionName} must be set to Redis' address, such as localhost:6379.");
        }
    }
}

internal sealed class RedisHealthCheck(IConnectionMultiplexer redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await redis.GetDatabase().PingAsync();
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("Redis does not answer.");
        }
    }
}
