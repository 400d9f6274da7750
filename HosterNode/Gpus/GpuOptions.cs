using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Gpus;

internal sealed class GpuOptions
{
    public const string Section = "Gpu";

    /// <summary>How often the GPUs are read. Default: 5 s, as often as the node tells its state.</summary>
    [SettingRange("Gpu:ReadEvery", "00:00:01", "00:05:00")]
    public TimeSpan ReadEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// From how many degrees Celsius a GPU is hot, so that the node offers half of its slots. Default: 85, a few degrees below where
    /// most makers' cards begin to slow down; a card that says where it does is hot five degrees below that.
    /// </summary>
    [SettingRange("Gpu:HotCelsius", "40", "120")]
    public int HotCelsius { get; set; } = 85;

    /// <summary>
    /// From how much of its memory, in percent, a GPU is full, so that the node offers half of its slots. Default: 98; engines that take their
    /// memory in advance stay below (vLLM's own default is 90).
    /// </summary>
    [SettingRange("Gpu:FullPercent", "50", "100")]
    public int FullPercent { get; set; } = 98;
}

[OptionsValidator]
internal sealed partial class GpuOptionsValidator : IValidateOptions<GpuOptions>;
