using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Queueing;

internal sealed class QueueOptions
{
    public const string Section = "Queue";

    /// <summary>How many requests may wait for a slot at this Scheduler. Default: 100.</summary>
    [Range(0, 100_000, ErrorMessage = "Queue:Limit must be from 0 to 100000.")]
    public int Limit { get; set; } = 100;

    /// <summary>The longest wait, whatever the gateway allows. Default: 20 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00", ErrorMessage = "Queue:MaxWait must be from 00:00:00 to 00:05:00.")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>When a caller that found every slot taken is told to come again. Default: 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00", ErrorMessage = "Queue:RetryAfter must be from 00:00:00.001 to 00:05:00.")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}

[OptionsValidator]
internal sealed partial class QueueOptionsValidator : IValidateOptions<QueueOptions>;
