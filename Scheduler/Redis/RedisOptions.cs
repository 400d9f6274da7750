using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ComputeShare.Scheduler.Redis;

internal sealed class RedisOptions
{
    public const string Section = "Redis";

    /// <summary>Name of the connection string: <c>ConnectionStrings:redis</c>, in StackExchange.Redis' format.</summary>
    public const string ConnectionName = "redis";

    public string ConnectionString { get; set; } = "";

    /// <summary>How long one command, or one connection attempt, may take before Redis counts as away. Default: 1 s.</summary>
    [SettingRange("Redis:CommandTimeout", "00:00:00.100", "00:00:30")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most time between two attempts to reach a Redis that is away. Default: 2 s.</summary>
    [SettingRange("Redis:MaxReconnectDelay", "00:00:00.100", "00:01:00")]
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromSeconds(2);

    public ConfigurationOptions ToConfiguration()
    {
        var configuration = ConfigurationOptions.Parse(ConnectionString);
        var timeout = (int)CommandTimeout.TotalMilliseconds;
        configuration.AbortOnConnectFail = false;
        configuration.ConnectTimeout = timeout;
        configuration.AsyncTimeout = timeout;
        configuration.SyncTimeout = timeout;
        configuration.ReconnectRetryPolicy = new ExponentialRetry(100, (int)MaxReconnectDelay.TotalMilliseconds);
        // A command that waited for a Redis that is away would come too late for its caller, who can be told at once.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ClientName ??= "computeshare-scheduler";
        return configuration;
    }
}

[OptionsValidator]
internal sealed partial class RedisOptionsValidator : IValidateOptions<RedisOptions>;

/// <summary>Says which key is wrong, without repeating its value: a connection string may hold a password.</summary>
internal sealed class RedisConnectionStringValidator : IValidateOptions<RedisOptions>
{
    private const string Wrong = "ConnectionStrings:redis must be set to Redis' address, such as localhost:6379.";

    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return ValidateOptionsResult.Fail(Wrong);
        }

        try
        {
            return ConfigurationOptions.Parse(options.ConnectionString).EndPoints.Count > 0
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(Wrong);
        }
        catch (ArgumentException)
        {
            return ValidateOptionsResult.Fail(Wrong);
        }
    }
}
