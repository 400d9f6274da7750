using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.ServiceDefaults.Tests.Ports;

/// <summary>A public port that speaks TLS by configuration.</summary>
public sealed class PublicTlsTests : IDisposable
{
    private const string Password = "the-password-of-the-files";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Certificates _certificates = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("computeshare-tls-");
    private readonly FakeTimeProvider _clock = new();
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string CertificatePath => Path.Combine(_folder.FullName, "certificate");

    private string KeyPath => Path.Combine(_folder.FullName, "key");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _certificates.Dispose();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Request_OverTls_IsServedInTheVersionThatTheClientWants(string version)
    {
        using var certificate = Write(_certificates.Good());
        await using var service = await StartAsync(TlsSettings());
        using var client = NewClient(service, Version.Parse(version));

        using var response = await client.GetAsync(new Uri("/hello", UriKind.Relative), Token);

        Assert.Equal((HttpStatusCode.OK, version), (response.StatusCode, response.Version.ToString()));
        Assert.Equal($"hello over https HTTP/{Version.Parse(version).ToString(version[0] == '2' ? 1 : 2)}", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Health_BesideATlsPort_SpeaksPlainHttp()
    {
        using var certificate = Write(_certificates.Good());
        await using var service = await StartAsync(TlsSettings());
        using var client = new HttpClient { BaseAddress = service.AddressOf(PortRole.Health) };

        Assert.Equal("http", client.BaseAddress.Scheme);
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri("/health", UriKind.Relative), Token));
    }

    [Fact]
    public async Task Handshake_NotNewerThanTls11_IsRefused()
    {
        const byte alert = 21, protocolVersion = 70;
        using var certificate = Write(_certificates.Good());
        await using var service = await StartAsync(TlsSettings());
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var address = service.AddressOf(PortRole.Public);
        await socket.ConnectAsync(address.Host, address.Port, Token);

        await socket.SendAsync(ClientHello(minorVersion: 2), Token);
        var answer = new byte[64];
        var length = await socket.ReceiveAsync(answer, Token);

        Assert.Equal((7, alert, protocolVersion), (length, answer[0], answer[6]));
    }

    [Theory]
    [InlineData("one PEM file")]
    [InlineData("two PEM files")]
    [InlineData("an encrypted key")]
    [InlineData("PFX")]
    public async Task Certificate_InFilesOfAnyKind_IsServed(string kind)
    {
        using var certificate = _certificates.Good();
        using var key = certificate.GetECDsaPrivateKey()!;
        var settings = TlsSettings();
        switch (kind)
        {
            case "one PEM file":
                await File.WriteAllTextAsync(CertificatePath, Certificates.Pem(certificate), Token);
                break;
            case "two PEM files":
                await File.WriteAllTextAsync(CertificatePath, certificate.ExportCertificatePem(), Token);
                await File.WriteAllTextAsync(KeyPath, key.ExportPkcs8PrivateKeyPem(), Token);
                settings["Ports:Tls:Key"] = KeyPath;
                break;
            case "an encrypted key":
                var cipher = new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, iterationCount: 1000);
                await File.WriteAllTextAsync(CertificatePath, certificate.ExportCertificatePem(), Token);
                await File.WriteAllTextAsync(KeyPath, key.ExportEncryptedPkcs8PrivateKeyPem(Password, cipher), Token);
                (settings["Ports:Tls:Key"], settings["Ports:Tls:Password"]) = (KeyPath, Password);
                break;
            case "PFX":
                await File.WriteAllBytesAsync(CertificatePath, certificate.Export(X509ContentType.Pkcs12, Password), Token);
                settings["Ports:Tls:Password"] = Password;
                break;
        }

        await using var service = await StartAsync(settings);

        Assert.Equal(certificate.Thumbprint, await ShownAsync(service));
    }

    [Fact]
    public async Task Certificate_Renewed_IsShownFromTheNextHandshakeOnAndConnectionsGoOn()
    {
        using var first = Write(_certificates.Good());
        await using var service = await StartAsync(TlsSettings());
        using var client = NewClient(service, HttpVersion.Version20);
        Assert.StartsWith("hello", await client.GetStringAsync(new Uri("/hello", UriKind.Relative), Token), StringComparison.Ordinal);

        using var second = _certificates.Good();
        // Half of a renewal is no certificate.
        await File.WriteAllTextAsync(CertificatePath, second.ExportCertificatePem(), Token);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first.Thumbprint, await ShownAsync(service));

        Write(second);
        await Poll.UntilAsync(
            "the new one is shown",
            async () =>
            {
                _clock.Advance(TimeSpan.FromMinutes(1));
                return await ShownAsync(service) == second.Thumbprint;
            },
            Limit,
            Token);
        Assert.StartsWith("hello", await client.GetStringAsync(new Uri("/hello", UriKind.Relative), Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no file", "Ports:Tls:Certificate")]
    [InlineData("no certificate", "Ports:Tls:Certificate")]
    [InlineData("no key", "Ports:Tls:Key")]
    [InlineData("another's key", "Ports:Tls:Key")]
    [InlineData("another password", "Ports:Tls:Password")]
    [InlineData("a key alone", "Ports:Tls:Certificate")]
    public async Task Start_FilesThatCannotServe_NamesTheKeyAndRepeatsNothing(string what, string key)
    {
        using var certificate = _certificates.Good();
        using var other = _certificates.Good();
        var settings = TlsSettings();
        switch (what)
        {
            case "no certificate":
                await File.WriteAllTextAsync(CertificatePath, "nothing", Token);
                break;
            case "no key":
                await File.WriteAllTextAsync(CertificatePath, certificate.ExportCertificatePem(), Token);
                break;
            case "another's key":
                await File.WriteAllTextAsync(CertificatePath, certificate.ExportCertificatePem(), Token);
                await File.WriteAllTextAsync(KeyPath, Certificates.Pem(other), Token);
                settings["Ports:Tls:Key"] = KeyPath;
                break;
            case "another password":
                await File.WriteAllBytesAsync(CertificatePath, certificate.Export(X509ContentType.Pkcs12, Password), Token);
                settings["Ports:Tls:Password"] = "not-the-password";
                break;
            case "a key alone":
                await File.WriteAllTextAsync(KeyPath, Certificates.Pem(certificate), Token);
                settings = new() { ["Ports:Tls:Key"] = KeyPath };
                break;
        }

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(settings));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.FullName, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the-password", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_OverOneConnection_AreNoMoreThanConnectionsMayBe()
    {
        using var certificate = Write(_certificates.Good());
        var settings = TlsSettings();
        settings["Connections:Limit"] = "2";
        await using var service = await StartAsync(settings);
        using var client = NewClient(service, HttpVersion.Version20);
        var waiting = new[] { client.GetStringAsync(new Uri("/wait", UriKind.Relative), Token), client.GetStringAsync(new Uri("/wait", UriKind.Relative), Token) };
        await Poll.UntilAsync("both run", () => _running == 2, Limit, Token);

        // It has asked again by itself before.
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri("/hello", UriKind.Relative), Token));

        _goOn.SetResult();
        Assert.Equal(["went on", "went on"], await Task.WhenAll(waiting));
        Assert.StartsWith("hello", await client.GetStringAsync(new Uri("/hello", UriKind.Relative), Token), StringComparison.Ordinal);
    }

    private X509Certificate2 Write(X509Certificate2 certificate)
    {
        File.WriteAllText(CertificatePath, Certificates.Pem(certificate));
        return certificate;
    }

    private Dictionary<string, string?> TlsSettings() => new() { ["Ports:Tls:Certificate"] = CertificatePath };

    private Task<TestService> StartAsync(Dictionary<string, string?> settings) => TestService.StartAsync(
        [PortRole.Public, PortRole.Health],
        services => services.AddSingleton<TimeProvider>(_clock),
        app =>
        {
            app.MapGet("/hello", (HttpRequest request) => $"hello over {request.Scheme} {request.Protocol}");
            app.MapGet("/wait", async () =>
            {
                Interlocked.Increment(ref _running);
                await _goOn.Task;
                return "went on";
            });
        },
        settings);

    private HttpClient NewClient(TestService service, Version version)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = false };
        handler.SslOptions.CertificateChainPolicy = _certificates.Trust;
        return new HttpClient(handler)
        {
            BaseAddress = service.AddressOf(PortRole.Public),
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>The thumbprint of the certificate that a new connection is shown.</summary>
    private async Task<string> ShownAsync(TestService service)
    {
        var address = service.AddressOf(PortRole.Public);
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port, Token);
        await using var tls = new SslStream(connection.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Host, CertificateChainPolicy = _certificates.Trust }, Token);
        return tls.RemoteCertificate!.GetCertHashString();
    }

    /// <summary>The first words of a client that knows nothing newer than 3.<paramref name="minorVersion"/>, which is how TLS counts.</summary>
    private static byte[] ClientHello(byte minorVersion)
    {
        const int randomLength = 32;
        // No session; one cipher suite, ECDHE-ECDSA with AES-128; no compression.
        byte[] body = [3, minorVersion, .. RandomNumberGenerator.GetBytes(randomLength), 0, 0, 2, 0xC0, 0x09, 1, 0];
        byte[] handshake = [1, 0, 0, (byte)body.Length, .. body];
        return [22, 3, 1, 0, (byte)handshake.Length, .. handshake];
    }
}
