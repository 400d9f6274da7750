using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ComputeShare.ServiceDefaults.Ports.Tls;

/// <summary>What is in the files that <see cref="TlsOptions"/> names, at one moment.</summary>
internal sealed class CertificateFiles
{
    private const string PemLabel = "-----BEGIN ";
    private const string NotReadable = "must be the path of a file that can be read.";

    private readonly byte[] _certificate;
    private readonly byte[]? _key;

    private CertificateFiles(byte[] certificate, byte[]? key) => (_certificate, _key) = (certificate, key);

    /// <exception cref="CertificateException">One cannot be read.</exception>
    public static CertificateFiles Read(TlsOptions options) =>
        new(Read("Certificate", options.Certificate), options.Key.Length > 0 ? Read("Key", options.Key) : null);

    public bool IsSameAs(CertificateFiles? other) =>
        other is not null && _certificate.AsSpan().SequenceEqual(other._certificate) && _key.AsSpan().SequenceEqual(other._key);

    /// <summary>The certificate with its key, and those that lead to its authority.</summary>
    /// <exception cref="CertificateException">They are not in the files.</exception>
    public ServerCertificate Open(string password)
    {
        var text = Encoding.UTF8.GetString(_certificate);
        return text.Contains(PemLabel, StringComparison.Ordinal) ? OpenPem(text, password) : OpenPfx(password);
    }

    private ServerCertificate OpenPem(string text, string password)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(text);
        }
        catch (CryptographicException error)
        {
            throw new CertificateException($"{TlsOptions.Section}:Certificate has a certificate that cannot be read.", error);
        }

        if (chain.Count == 0)
        {
            throw new CertificateException($"{TlsOptions.Section}:Certificate has no certificate.");
        }

        try
        {
            var key = _key is null ? text : Encoding.UTF8.GetString(_key);
            using var withKey = password.Length > 0 ? X509Certificate2.CreateFromEncryptedPem(text, key, password) : X509Certificate2.CreateFromPem(text, key);
            return new ServerCertificate(Usable(withKey), chain);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            ServerCertificate.Dispose(chain);
            throw new CertificateException(
                $"{TlsOptions.Section}:Key, or {TlsOptions.Section}:Certificate where there is none, must have the private key of the certificate in PEM; "
                    + $"where it is encrypted, {TlsOptions.Section}:Password is what with.",
                error);
        }
    }

    private ServerCertificate OpenPfx(string password)
    {
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(_certificate, password);
        }
        catch (CryptographicException error)
        {
            throw new CertificateException(
                $"{TlsOptions.Section}:Certificate must be PEM or PFX; where that is encrypted, {TlsOptions.Section}:Password is what with.", error);
        }

        if (all.FirstOrDefault(one => one.HasPrivateKey) is not { } certificate)
        {
            ServerCertificate.Dispose(all);
            throw new CertificateException($"{TlsOptions.Section}:Certificate has no certificate with a private key.");
        }

        all.Remove(certificate);
        return new ServerCertificate(certificate, all);
    }

    // Windows cannot serve with a key that lives in memory only.
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);

    private static byte[] Read(string setting, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CertificateException($"{TlsOptions.Section}:{setting} {NotReadable}", error);
        }
    }
}
