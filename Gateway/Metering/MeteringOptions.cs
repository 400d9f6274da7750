using System.ComponentModel.DataAnnotations;
using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Metering;

internal sealed class MeteringOptions
{
    public const string Section = "Metering";

    /// <summary>
    /// Folder of the files that the catalogue's <c>tokenizer</c> names: GGUF files, of which the beginning is enough, and
    /// <c>tokenizer.json</c>s. Default: <c>Tokenizers</c> beside the program.
    /// </summary>
    [Required(ErrorMessage = "Metering:TokenizerPath must be the folder of the catalogue's tokenizers.")]
    public string TokenizerPath { get; set; } = Path.Combine(AppContext.BaseDirectory, "Tokenizers");

    /// <summary>How often the catalogue is looked at for tokenizers. Default: 5 s.</summary>
    [SettingRange("Metering:RefreshEvery", "00:00:00.1", "00:10:00")]
    public TimeSpan RefreshEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often Billing is told how the nodes' counts compare with ours. Default: 10 s.</summary>
    [SettingRange("Metering:ReportEvery", "00:00:00.1", "00:10:00")]
    public TimeSpan ReportEvery { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class MeteringOptionsValidator : IValidateOptions<MeteringOptions>;
