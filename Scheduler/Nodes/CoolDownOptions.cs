using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Nodes;

internal sealed class CoolDownOptions
{
    public const string Section = "CoolDowns";

    /// <summary>How long nothing is placed on a node after a failure; doubles with each further one in a row. Default: 1 s.</summary>
    [SettingRange("CoolDowns:First", "00:00:00.010", "00:05:00")]
    public TimeSpan First { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The same after a deadline: a node that accepts and never answers, or never ends, costs each of its callers that deadline, not a moment.
    /// Default: 15 s.
    /// </summary>
    [SettingRange("CoolDowns:FirstHalfDead", "00:00:00.010", "00:10:00")]
    public TimeSpan FirstHalfDead { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest cool-down, whatever the failure; not less than <see cref="First"/>. Default: 2 min.</summary>
    [SettingRange("CoolDowns:Longest", "00:00:00.010", "01:00:00")]
    public TimeSpan Longest { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long after a cool-down another failure still counts as one in a row. Default: 5 min.</summary>
    [SettingRange("CoolDowns:Remember", "00:00:00", "1.00:00:00")]
    public TimeSpan Remember { get; set; } = TimeSpan.FromMinutes(5);
}

[OptionsValidator]
internal sealed partial class CoolDownOptionsValidator : IValidateOptions<CoolDownOptions>;

internal sealed class CoolDownOrderValidator : IValidateOptions<CoolDownOptions>
{
    public ValidateOptionsResult Validate(string? name, CoolDownOptions options) => options.Longest < options.First
        ? ValidateOptionsResult.Fail("CoolDowns:Longest must not be less than CoolDowns:First.")
        : ValidateOptionsResult.Success;
}
