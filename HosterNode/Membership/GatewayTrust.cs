using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Membership;

/// <summary>
/// How this node speaks to gateways: to whom the configuration says and nobody else, and over TLS only to whom it can prove to be that. Says
/// in words what is wrong with a certificate, because its owner has to do something about it.
/// </summary>
internal sealed class GatewayTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    // The last is what an authority gets that calls itself as a trusted one does.
    private const X509ChainStatusFlags Unsigned = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;

    private readonly X509Certificate2Collection? _authorities;

    public GatewayTrust(IOptions<MembershipOptions> options)
        : this(options.Value.TrustedCertificates)
    {
    }

    /// <param name="path">As <see cref="MembershipOptions.TrustedCertificates"/>.</param>
    public GatewayTrust(string path) => _authorities = path.Length == 0 ? null : Load(path);

    /// <summary>The certificates of a PEM file; null where there are none.</summary>
    public static X509Certificate2Collection? Load(string path)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(path);
            return certificates.Count > 0 ? certificates : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null;
        }
    }

    public SocketsHttpHandler NewHandler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        // The hoster's key goes where the configuration says, nowhere else.
        AllowAutoRedirect = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = Policy(),
            RemoteCertificateValidationCallback = Check,
        },
    };

    /// <summary>What is wrong with the gateway's certificate; null when that is not why it failed.</summary>
    public static string? Reason(Exception? error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is UntrustedGatewayException)
            {
                return cause.Message;
            }
        }

        return null;
    }

    private X509ChainPolicy? Policy()
    {
        if (_authorities is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(_authorities);
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        return policy;
    }

    private static bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None ? true : throw new UntrustedGatewayException(string.Join("; ", Wrong((SslStream)sender, certificate, chain, errors)));

    /// <summary>Nothing that stands in the certificate but dates: a stranger wrote the rest.</summary>
    private static IEnumerable<string> Wrong(SslStream stream, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 shown)
        {
            yield return "it shows no certificate";
            yield break;
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            yield return $"its certificate is for another name than {stream.TargetHostName}";
        }

        var status = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            yield return FormattableString.Invariant($"its certificate is valid from {shown.NotBefore.ToUniversalTime():u} to {shown.NotAfter.ToUniversalTime():u} only");
        }

        if ((status & Unsigned) != 0)
        {
            yield return shown.SubjectName.RawData.AsSpan().SequenceEqual(shown.IssuerName.RawData)
                ? "its certificate is signed by itself"
                : "its certificate is signed by nobody who is trusted here (Node:TrustedCertificates says who is)";
        }

        if ((status & ~(X509ChainStatusFlags.NotTimeValid | Unsigned)) is var more and not X509ChainStatusFlags.NoError)
        {
            yield return $"its certificate is not valid ({more})";
        }
    }
}

/// <summary>The gateway's certificate proves nothing.</summary>
/// <param name="reason">For the log.</param>
internal sealed class UntrustedGatewayException(string reason) : AuthenticationException(reason);
