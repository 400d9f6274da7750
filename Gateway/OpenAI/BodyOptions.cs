using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>What request bodies may take while they arrive.</summary>
internal sealed class BodyOptions
{
    public const string Section = "Bodies";

    /// <summary>How long a body above 16 KB may take to arrive; a smaller one is bound by Kestrel's 240 bytes a second. Default: 2 min.</summary>
    [SettingRange("Bodies:Timeout", "00:00:01", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Megabytes of memory that arriving bodies may take together; one account a quarter of it. Default: 1,024.</summary>
    [SettingRange("Bodies:Megabytes", "256", "1000000")]
    public int Megabytes { get; set; } = 1024;
}

[OptionsValidator]
internal sealed partial class BodyOptionsValidator : IValidateOptions<BodyOptions>;
