using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ComputeShare.ServiceDefaults.Ports.Tls;

/// <summary>
/// What the public port's handshakes are made with. A renewed certificate serves from the next handshake on, and connections that stand go
/// on; one that cannot be used leaves the old one where it is. <see cref="Renew"/> is called by one thread at a time.
/// </summary>
internal sealed class PublicCertificate
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(7);

    private readonly TlsOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PublicCertificate> _logger;
    private CertificateFiles? _files;
    private DateTimeOffset _until;
    private bool _hasWarned;
    private volatile SslServerAuthenticationOptions? _handshake;

    public PublicCertificate(IOptions<TlsOptions> options, TimeProvider clock, ILogger<PublicCertificate> logger)
    {
        (_options, _clock, _logger) = (options.Value, clock, logger);
        if (_options.IsOn)
        {
            Use(CertificateFiles.Read(_options));
        }
    }

    /// <summary>Null: the public port speaks no TLS.</summary>
    public TlsHandshakeCallbackOptions? Handshakes => _handshake is null ? null : new() { OnConnection = _ => new(_handshake) };

    public void Renew()
    {
        try
        {
            var files = CertificateFiles.Read(_options);
            if (!files.IsSameAs(_files))
            {
                Use(files);
            }
        }
        catch (CertificateException error)
        {
            // It may be half of a renewal, the certificate without its key: the next round sees the other half.
            PortLog.CertificateNotRenewed(_logger, error.Message);
        }

        if (!_hasWarned && _until - _clock.GetUtcNow() < Soon)
        {
            _hasWarned = true;
            PortLog.CertificateEnds(_logger, _until);
        }
    }

    // The one before is left to the collector: handshakes may be at it still.
    private void Use(CertificateFiles files)
    {
        var certificate = files.Open(_options.Password);
        _handshake = certificate.NewHandshake();
        (_files, _until, _hasWarned) = (files, certificate.Until, false);
        PortLog.CertificateLoaded(_logger, certificate.Name, certificate.Until);
    }
}
