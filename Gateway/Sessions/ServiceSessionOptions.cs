using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Sessions;

/// <summary>The long-lived streams to Scheduler and Billing.</summary>
internal sealed class ServiceSessionOptions
{
    public const string Section = "Sessions";

    /// <summary>How long one connection attempt may take. Default: 2 s.</summary>
    [SettingRange("Sessions:ConnectTimeout", "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause before the first attempt to connect again; doubles up to <see cref="LongestPause"/>. Default: 100 ms.</summary>
    [SettingRange("Sessions:FirstPause", "00:00:00.01", "00:01:00")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between attempts to connect. Default: 2 s.</summary>
    [SettingRange("Sessions:LongestPause", "00:00:00.01", "00:10:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a command or call waits for its answer, unless it says otherwise (a queueing reserve does). Default: 5 s.</summary>
    [SettingRange("Sessions:AnswerTimeout", "00:00:00.1", "00:01:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

[OptionsValidator]
internal sealed partial class ServiceSessionOptionsValidator : IValidateOptions<ServiceSessionOptions>;
