using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Generations;

internal sealed class GenerationOptions
{
    public const string Section = "Generations";

    /// <summary>How long <c>/v1/generations</c> waits for the settlement of a request that has just ended. Default: 3 s.</summary>
    [SettingRange("Generations:WaitForSettlement", "00:00:00", "00:00:30")]
    public TimeSpan WaitForSettlement { get; set; } = TimeSpan.FromSeconds(3);
}

[OptionsValidator]
internal sealed partial class GenerationOptionsValidator : IValidateOptions<GenerationOptions>;
