using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ComputeShare.Billing.Setup;

internal sealed class MigrationOptions
{
    public const string Section = "Migration";

    /// <summary>How long to wait for PostgreSQL to accept connections. Default: 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:30:00", ErrorMessage = "Migration:WaitForDatabase must be from 0 to 30 min.")]
    public TimeSpan WaitForDatabase { get; set; } = TimeSpan.FromSeconds(60);
}

[OptionsValidator]
internal sealed partial class MigrationOptionsValidator : IValidateOptions<MigrationOptions>;
