using ComputeShare.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace ComputeShare.ServiceDefaults.Ports.Tls;

/// <summary>TLS at a public port that has no proxy in front which speaks it.</summary>
internal sealed class TlsOptions
{
    public const string Section = "Ports:Tls";

    /// <summary>
    /// The file of the certificate: PEM, with those that lead to its authority after it, or PFX. Default: none; the public port speaks no TLS.
    /// </summary>
    public string Certificate { get; set; } = "";

    /// <summary>The PEM file of its private key. Default: <see cref="Certificate"/>, which has the key too.</summary>
    public string Key { get; set; } = "";

    /// <summary>What the key, or the PFX file, is encrypted with. Default: it is not.</summary>
    public string Password { get; set; } = "";

    /// <summary>How often the files are looked at for a renewed certificate. Default: 1 min.</summary>
    [SettingRange("Ports:Tls:ReloadEvery", "00:00:01", "1.00:00:00")]
    public TimeSpan ReloadEvery { get; set; } = TimeSpan.FromMinutes(1);

    public bool IsOn => Certificate.Length > 0;
}

[OptionsValidator]
internal sealed partial class TlsRangeValidator : IValidateOptions<TlsOptions>;

internal sealed class TlsOptionsValidator : IValidateOptions<TlsOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsOptions options)
    {
        if (!options.IsOn)
        {
            return options.Key.Length == 0
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"{TlsOptions.Section}:Certificate must be set where {TlsOptions.Section}:Key is.");
        }

        try
        {
            using var certificate = CertificateFiles.Read(options).Open(options.Password);
            return ValidateOptionsResult.Success;
        }
        catch (CertificateException error)
        {
            return ValidateOptionsResult.Fail(error.Message);
        }
    }
}
