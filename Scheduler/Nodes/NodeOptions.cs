using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Nodes;

internal sealed class NodeOptions
{
    public const string Section = "Nodes";

    /// <summary>A node that is not reported for this long is gone. Default: 15 s.</summary>
    [SettingRange("Nodes:Life", "00:00:01", "00:05:00")]
    public TimeSpan Life { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a model that nobody serves any more is answered with "no node" instead of "unknown". Default: 10 min.
    /// </summary>
    [SettingRange("Nodes:RememberModels", "00:00:00", "1.00:00:00")]
    public TimeSpan RememberModels { get; set; } = TimeSpan.FromMinutes(10);
}

[OptionsValidator]
internal sealed partial class NodeOptionsValidator : IValidateOptions<NodeOptions>;
