using System.Net;
using System.Text;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.Gateway.Tests.Nodes.Tunnels;

/// <summary>A gateway whose public port speaks TLS, the real node that dials it, and consumers by both versions of HTTP.</summary>
[Trait("Category", "Integration")]
public sealed class TlsGatewayTests(RedisServer redis) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Certificates _certificates = new();
    private readonly string _path = Path.GetTempFileName();
    private Market _market = null!;
    private TunnelledNode _node = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var certificate = _certificates.Good();
        await File.WriteAllTextAsync(_path, Certificates.Pem(certificate), Token);
        _market = await Market.StartAsync(redis, nodes: 0, $"--Ports:Tls:Certificate={_path}");
        _market.PlaceOn("gpu-1");
        _node = await TunnelledNode.StartAsync(
            "gpu-1", _market.Billing.HosterKey, [_market.Public], $"--Node:TrustedCertificates={_certificates.AuthorityPath}", "--Engine:BuiltIn:TokensPerSecond=100");
        await _node.UntilHealthyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _market.DisposeAsync();
        _certificates.Dispose();
        File.Delete(_path);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Stream_OverTls_IsServedByANodeWhoseTunnelIsToo(string version)
    {
        Assert.Equal(Uri.UriSchemeHttps, _market.Public.Scheme);
        using var client = NewClient(version);

        using var stream = await AskAsync(client, tokens: 5);

        Assert.Equal((HttpStatusCode.OK, version), (stream.StatusCode, stream.Version.ToString()));
        Assert.EndsWith("data: [DONE]\n\n", await Ask.RestAsync(stream), StringComparison.Ordinal);
        Assert.Equal(5u, (await _market.Billing.SettledAsync(Token)).Shares.Single().CompletionTokens);
    }

    [Fact]
    public async Task Client_LeavesOneOfTwoStreamsOfItsConnection_OnlyThatOneEndsAndIsSettled()
    {
        using var client = NewClient("2.0");
        using var staying = await AskAsync(client, tokens: 100);
        var leaving = await AskAsync(client, tokens: 400);

        leaving.Dispose();

        var left = await _market.Billing.SettledAsync(Token);
        Assert.InRange(left.Shares.Single().CompletionTokens, 1u, 399u);
        Assert.EndsWith("data: [DONE]\n\n", await Ask.RestAsync(staying), StringComparison.Ordinal);
        Assert.Equal(100u, (await _market.Billing.SettledAsync(Token)).Shares.Single().CompletionTokens);
    }

    [Fact]
    public async Task Error_OverHttp2_IsOpenAIsErrorObjectAndTheConnectionGoesOn()
    {
        using var client = NewClient("2.0");
        using var content = new StringContent("{", Encoding.UTF8, "application/json");

        using var refused = await client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, Token);
        using var served = await AskAsync(client, tokens: 1);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (refused.StatusCode, served.StatusCode));
        Assert.Contains("\"error\"", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        await Ask.RestAsync(served);
    }

    [Fact]
    public async Task Gateway_Stops_ClientsOfHttp2GoElsewhereAndWhatRunsGoesOn()
    {
        using var client = NewClient("2.0");
        using var stream = await AskAsync(client, tokens: 100);

        var stopping = _market.StopGatewayAsync();

        Assert.EndsWith("data: [DONE]\n\n", await Ask.RestAsync(stream), StringComparison.Ordinal);
        await stopping.WaitAsync(Limit, Token);
    }

    private HttpClient NewClient(string version)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, ResponseDrainTimeout = TimeSpan.Zero };
        handler.SslOptions.CertificateChainPolicy = _certificates.Trust;
        var client = new HttpClient(handler)
        {
            BaseAddress = _market.Public,
            DefaultRequestVersion = Version.Parse(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        client.DefaultRequestHeaders.Authorization = new("Bearer", _market.Billing.Key);
        return client;
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, int tokens)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat/completions", UriKind.Relative))
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
            Content = new StringContent(Ask.Body(tokens, stream: true), Encoding.UTF8, "application/json"),
        };
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }
}
