using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Completions;

internal sealed class CompletionOptions
{
    public const string Section = "Completions";

    /// <summary>Attempts of one request in total, as long as no content has left. Default: 3.</summary>
    [SettingRange("Completions:Attempts", "1", "10")]
    public int Attempts { get; set; } = 3;

    /// <summary>How many nodes may say that they are full after all, at no cost of an attempt. Default: 5.</summary>
    [SettingRange("Completions:FullNodes", "0", "100")]
    public int FullNodes { get; set; } = 5;

    /// <summary>How long to wait before nodes that were full are asked again, where there are no others. Default: 100 ms.</summary>
    [SettingRange("Completions:FullNodePause", "00:00:00.001", "00:00:05")]
    public TimeSpan FullNodePause { get; set; } = TimeSpan.FromMilliseconds(100);
}

[OptionsValidator]
internal sealed partial class CompletionOptionsValidator : IValidateOptions<CompletionOptions>;
