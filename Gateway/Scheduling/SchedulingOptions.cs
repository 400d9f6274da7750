using System.ComponentModel.DataAnnotations;
using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Scheduling;

internal sealed class SchedulingOptions
{
    public const string Section = "Scheduling";

    /// <summary>How long a request may wait for a free slot before the caller gets 503. Default: 20 s.</summary>
    [SettingRange("Scheduling:QueueTimeout", "00:00:00", "00:05:00")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the leases in use are renewed, in one batch. A lease lives 15 s. Default: 5 s.</summary>
    [SettingRange("Scheduling:RenewEvery", "00:00:00.1", "00:00:10")]
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What the accounts' salts of prefix hashes and engine caches are derived from; the same for all gateways. A new one forgets which node
    /// holds which conversation. Default: derived from <c>Services:Secret</c>.
    /// </summary>
    [MinLength(32, ErrorMessage = "Scheduling:PrefixSecret must have at least 32 characters.")]
    public string? PrefixSecret { get; set; }
}

[OptionsValidator]
internal sealed partial class SchedulingOptionsValidator : IValidateOptions<SchedulingOptions>;
