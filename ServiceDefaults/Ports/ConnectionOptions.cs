using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>What anybody may take of a public port before it is known who it is.</summary>
internal sealed class ConnectionOptions
{
    public const string Section = "Connections";

    /// <summary>Most connections at once; further ones are closed at once. Never more than three quarters of the process' handles. Default: 20,000.</summary>
    [SettingRange("Connections:Limit", "1", "1000000")]
    public int Limit { get; set; } = 20_000;

    /// <summary>Most connections at once from one IP address. Default: 0, none: a proxy in front is one address.</summary>
    [SettingRange("Connections:PerAddress", "0", "1000000")]
    public int PerAddress { get; set; }

    /// <summary>How long a connection may ask for nothing, also when it is new. Default: 2 min, longer than proxies keep theirs.</summary>
    [SettingRange("Connections:KeepAlive", "00:00:01", "01:00:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a request's headers may take from their first byte on. Default: 15 s.</summary>
    [SettingRange("Connections:Headers", "00:00:01", "00:05:00")]
    public TimeSpan Headers { get; set; } = TimeSpan.FromSeconds(15);
}

[OptionsValidator]
internal sealed partial class ConnectionOptionsValidator : IValidateOptions<ConnectionOptions>;
