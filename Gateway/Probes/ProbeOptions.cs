using System.ComponentModel.DataAnnotations;
using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Probes;

/// <summary>Whether, how often and against whom this gateway's nodes are probed (docs/probes.md).</summary>
internal sealed class ProbeOptions
{
    public const string Section = "Probes";

    /// <summary>The consumer's key that probes are sent and paid with. Default: none, and no probes.</summary>
    [ProbeKey]
    public string ApiKey { get; set; } = "";

    /// <summary>
    /// Public names of hosters whose answers are taken for the models' own: nobody but the operator's, or whom it trusts as much. They are not
    /// probed. Default: none, so that only what needs no comparison is seen.
    /// </summary>
    public IList<string> References { get; } = [];

    /// <summary>Conversations a day with each model of each node, of one to four requests, at random times. Default: 12.</summary>
    [SettingRange("Probes:PerDay", "1", "100000")]
    public int PerDay { get; set; } = 12;

    /// <summary>
    /// Most tokens that a probe asks for; from 1024 on, some ask for as many as the model likes, as most clients do. Default: 1024.
    /// </summary>
    [SettingRange("Probes:MostTokens", "32", "4096")]
    public int MostTokens { get; set; } = 1024;

    /// <summary>How long the seeming user thinks before it goes on, on average. Default: 20 s.</summary>
    [SettingRange("Probes:ThinkTime", "00:00:00", "00:10:00")]
    public TimeSpan ThinkTime { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How much later than the node says, and half as much again, its answer may arrive: a network's worst day is no dishonesty. Default: 1.5 s.
    /// </summary>
    [SettingRange("Probes:Slack", "00:00:00.01", "00:01:00")]
    public TimeSpan Slack { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Most conversations at once. Default: 4.</summary>
    [SettingRange("Probes:SideBySide", "1", "100")]
    public int SideBySide { get; set; } = 4;
}

[OptionsValidator]
internal sealed partial class ProbeOptionsValidator : IValidateOptions<ProbeOptions>;

[AttributeUsage(AttributeTargets.Property)]
internal sealed class ProbeKeyAttribute() : ValidationAttribute("Probes:ApiKey must be a consumer's key (ngk_…), as `admin key create` prints it.")
{
    public override bool IsValid(object? value) => value is string key && (key.Length == 0 || Contracts.ApiKey.IsWellFormed(key, Contracts.ApiKey.ConsumerPrefix));
}
