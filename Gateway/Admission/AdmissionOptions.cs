using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Admission;

internal sealed class AdmissionOptions
{
    public const string Section = "Admission";

    /// <summary>How long a running request of a dead gateway counts against its account. Default: 30 s.</summary>
    [SettingRange("Admission:EntryLife", "00:00:01", "00:15:00")]
    public TimeSpan EntryLife { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the entries of running requests are renewed; well below <see cref="EntryLife"/>. Default: 10 s.</summary>
    [SettingRange("Admission:RenewEvery", "00:00:00.1", "00:05:00")]
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Completion tokens held at first where <c>max_tokens</c> asks for no fewer, per choice. Default: 1,024.</summary>
    [SettingRange("Admission:FirstHoldTokens", "1", "1000000")]
    public int FirstHoldTokens { get; set; } = 1024;

    /// <summary>Completion tokens by which a hold grows when half of its last part is used. Default: 512.</summary>
    [SettingRange("Admission:HoldGrowthTokens", "1", "1000000")]
    public int HoldGrowthTokens { get; set; } = 512;
}

[OptionsValidator]
internal sealed partial class AdmissionOptionsValidator : IValidateOptions<AdmissionOptions>;
