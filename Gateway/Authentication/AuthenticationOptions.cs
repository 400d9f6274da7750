using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Authentication;

internal sealed class AuthenticationOptions
{
    public const string Section = "Authentication";

    /// <summary>How long a known key is not asked for again. Default: 5 s.</summary>
    [SettingRange("Authentication:KnownFor", "00:00:00", "00:05:00")]
    public TimeSpan KnownFor { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an unknown key stays unknown, and an account stays without credit. Default: 1 s.</summary>
    [SettingRange("Authentication:RefusedFor", "00:00:00", "00:05:00")]
    public TimeSpan RefusedFor { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Most keys remembered, known and unknown together. Default: 100,000.</summary>
    [SettingRange("Authentication:MostKeys", "1", "10000000")]
    public int MostKeys { get; set; } = 100_000;
}

[OptionsValidator]
internal sealed partial class AuthenticationOptionsValidator : IValidateOptions<AuthenticationOptions>;
