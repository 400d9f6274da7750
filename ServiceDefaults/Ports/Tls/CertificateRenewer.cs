using ComputeShare.ServiceDefaults.Workers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ComputeShare.ServiceDefaults.Ports.Tls;

/// <summary>
/// Looks from time to time whether the certificate was renewed. Watching the files would miss some: renewals are often links, or whole
/// folders, that point elsewhere.
/// </summary>
internal sealed class CertificateRenewer(PublicCertificate certificate, IOptions<TlsOptions> options, TimeProvider clock, ILogger<CertificateRenewer> logger)
    : PeriodicWorker(options.Value.ReloadEvery, clock, logger)
{
    protected override bool StartsAtOnce => true;

    public override Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsOn)
        {
            certificate.Renew();
        }

        return Task.CompletedTask;
    }
}
