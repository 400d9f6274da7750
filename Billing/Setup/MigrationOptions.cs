using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Setup;

internal sealed class MigrationOptions
{
    public const string Section = "Migration";

    /// <summary>How long to wait for PostgreSQL to accept connections. Default: 60 s.</summary>
    [SettingRange("Migration:WaitForDatabase", "00:00:00", "00:30:00")]
    public TimeSpan WaitForDatabase { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The role that the services connect as; it gets what they need. Empty: nobody does. Default: empty.</summary>
    public string ServiceRole { get; set; } = "";
}

[OptionsValidator]
internal sealed partial class MigrationOptionsValidator : IValidateOptions<MigrationOptions>;
