using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Streaming;

/// <summary>Deadlines of a completion (DESIGN.md §3) and of its stream to the client.</summary>
internal sealed class StreamingOptions
{
    public const string Section = "Streaming";

    /// <summary>From dispatch to a node's first content. Default: 60 s.</summary>
    [SettingRange("Streaming:FirstToken", "00:00:00.1", "00:30:00")]
    public TimeSpan FirstToken { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two frames, counted only while the gateway reads. Default: 30 s.</summary>
    [SettingRange("Streaming:BetweenTokens", "00:00:00.1", "00:30:00")]
    public TimeSpan BetweenTokens { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>From the request's arrival to its end, below the SDKs' own 600 s. Default: 590 s.</summary>
    [SettingRange("Streaming:Total", "00:00:00.1", "01:00:00")]
    public TimeSpan Total { get; set; } = TimeSpan.FromSeconds(590);

    /// <summary>How long a stream's 200 is held back for the first content. Default: 25 s.</summary>
    [SettingRange("Streaming:HoldStatus", "00:00:00.1", "00:10:00")]
    public TimeSpan HoldStatus { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Between keep-alive comments of a silent stream. Default: 15 s.</summary>
    [SettingRange("Streaming:KeepAlive", "00:00:00.1", "00:10:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a reader may take nothing while 64 KB wait for it. Default: 15 s.</summary>
    [SettingRange("Streaming:SlowReader", "00:00:00.1", "00:10:00")]
    public TimeSpan SlowReader { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a node that was stopped by a stop string may take to report its usage. Default: 200 ms.</summary>
    [SettingRange("Streaming:UsageGrace", "00:00:00", "00:00:10")]
    public TimeSpan UsageGrace { get; set; } = TimeSpan.FromMilliseconds(200);
}

[OptionsValidator]
internal sealed partial class StreamingOptionsValidator : IValidateOptions<StreamingOptions>;
