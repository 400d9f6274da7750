using ComputeShare.Contracts;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Processes;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Tests.Tunnels;

/// <summary>Whom a node opens a tunnel to, by their certificates.</summary>
[Trait("Category", "Integration")]
public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Certificates _certificates = new();
    private readonly string _key = ApiKey.Create(ApiKey.HosterPrefix);
    private readonly CancellationTokenSource _late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public TlsTests() => _late.CancelAfter(Limit);

    public void Dispose()
    {
        _late.Dispose();
        _certificates.Dispose();
    }

    [Theory]
    [InlineData("self-signed", "signed by itself")]
    [InlineData("expired", "valid from")]
    [InlineData("of another name", "for another name than 127.0.0.1")]
    [InlineData("of another authority", "signed by nobody who is trusted here")]
    public async Task Dial_ACertificateThatProvesNothing_IsRefusedInWordsUntilThereIsAGoodOne(string what, string reason)
    {
        using var others = new Certificates();
        await using var gateway = await TlsGateway.StartAsync(what switch
        {
            "self-signed" => Certificates.SelfSigned(),
            "expired" => _certificates.Expired(),
            "of another name" => _certificates.OfAnotherName(),
            _ => others.Good(),
        });
        await using var node = await StartAsync(gateway, $"--Node:TrustedCertificates={_certificates.AuthorityPath}");

        // Twice, and so it comes again.
        await gateway.ConnectedAsync(_late.Token);
        await gateway.ConnectedAsync(_late.Token);
        var line = node.Logs.All.Single(line => line.Contains("TunnelNotOpened", StringComparison.Ordinal));
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.DoesNotContain(_key, line, StringComparison.Ordinal);
        Assert.False(gateway.HasOpened);

        var bad = gateway.Certificate;
        gateway.Certificate = _certificates.Good();
        Assert.Equal("Bearer " + _key, await gateway.OpenedAsync(_late.Token));
        bad.Dispose();
    }

    [Fact]
    public async Task Dial_AnAuthorityThatTheMachineDoesNotKnow_IsRefusedWithoutTheOption()
    {
        await using var gateway = await TlsGateway.StartAsync(_certificates.Good());
        await using var node = await StartAsync(gateway);

        await gateway.ConnectedAsync(_late.Token);
        await gateway.ConnectedAsync(_late.Token);

        Assert.Contains(node.Logs.All, line => line.Contains("signed by nobody who is trusted here", StringComparison.Ordinal));
        Assert.False(gateway.HasOpened);
    }

    [Fact]
    public async Task Dial_OneCertificateIsTrusted_ThatVerySelfSignedOneIs()
    {
        var certificate = Certificates.SelfSigned();
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, certificate.ExportCertificatePem(), _late.Token);
        await using var gateway = await TlsGateway.StartAsync(certificate);
        await using var node = await StartAsync(gateway, $"--Node:TrustedCertificates={path}");

        await gateway.OpenedAsync(_late.Token);

        File.Delete(path);
    }

    [Fact]
    public async Task Dial_TheEnvironmentNamesTheAuthority_IsEnough()
    {
        await using var gateway = await TlsGateway.StartAsync(_certificates.Good());
        await using var node = LocalProcess.Start(
            "dotnet",
            [typeof(NodeOptions).Assembly.Location],
            new Dictionary<string, string?>
            {
                ["SSL_CERT_FILE"] = _certificates.AuthorityPath,
                ["Ports__Health"] = "0",
                ["Node__Id"] = "node-1",
                ["Node__HosterKey"] = _key,
                ["Node__Gateways__0"] = gateway.Address.ToString(),
            });

        Assert.Equal("Bearer " + _key, await gateway.OpenedAsync(_late.Token));
    }

    [Theory]
    [InlineData("/no/such/file.pem")]
    [InlineData("")]
    public async Task Start_NoCertificatesInTheFile_NamesItsKey(string path)
    {
        var empty = Path.GetTempFileName();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            RunningNode.StartAsync($"--Node:TrustedCertificates={(path.Length == 0 ? empty : path)}"));

        Assert.Contains("Node:TrustedCertificates", error.Message, StringComparison.Ordinal);
        File.Delete(empty);
    }

    [Fact]
    public async Task Join_ACertificateThatProvesNothing_IsRefusedInWords()
    {
        await using var gateway = await TlsGateway.StartAsync(Certificates.SelfSigned());
        await using var node = await RunningNode.StartAsync($"--Node:Gateways:0={gateway.Address}", $"--Node:HosterKey={_key}");

        await Poll.UntilAsync("it says why", () => Task.FromResult(node.Logs.All.Any(line => line.Contains("signed by itself", StringComparison.Ordinal))), Limit, _late.Token);
    }

    private Task<RunningNode> StartAsync(TlsGateway gateway, params string[] settings) =>
        RunningNode.StartAsync(["--Node:Transport=tunnel", "--Node:Tunnels=1", $"--Node:Gateways:0={gateway.Address}", $"--Node:HosterKey={_key}", .. settings]);
}
