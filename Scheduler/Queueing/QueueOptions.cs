using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Queueing;

internal sealed class QueueOptions
{
    public const string Section = "Queue";

    /// <summary>How many requests may wait for a slot at this Scheduler. Default: 100.</summary>
    [SettingRange("Queue:Limit", "0", "100000")]
    public int Limit { get; set; } = 100;

    /// <summary>The longest wait, whatever the gateway allows. Default: 20 s.</summary>
    [SettingRange("Queue:MaxWait", "00:00:00", "00:05:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>When a caller that found every slot taken is told to come again. Default: 2 s.</summary>
    [SettingRange("Queue:RetryAfter", "00:00:00.001", "00:05:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}

[OptionsValidator]
internal sealed partial class QueueOptionsValidator : IValidateOptions<QueueOptions>;
