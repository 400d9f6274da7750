using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ComputeShare.ServiceDefaults.Ports.Tls;

/// <summary>A certificate with its key, and those between it and its authority.</summary>
internal sealed class ServerCertificate(X509Certificate2 certificate, X509Certificate2Collection chain) : IDisposable
{
    public DateTimeOffset Until => certificate.NotAfter;

    /// <summary>Whom it is for, as an operator knows it.</summary>
    public string Name => certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false);

    /// <summary>
    /// What a handshake is made with: TLS 1.2 and newer, HTTP/2 where the client can. Nobody out there is asked for missing certificates or
    /// about revocation: a handshake must not wait for that.
    /// </summary>
    public SslServerAuthenticationOptions NewHandshake() => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
    };

    public void Dispose()
    {
        certificate.Dispose();
        Dispose(chain);
    }

    public static void Dispose(X509Certificate2Collection certificates)
    {
        foreach (var one in certificates)
        {
            one.Dispose();
        }
    }
}
