using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using ComputeShare.Gateway.Tests.Fakes;

namespace ComputeShare.Gateway.Tests.OpenAI;

[Trait("Category", "Integration")]
[Trait("Wire", "13")]
public sealed class RequestBodyTests(SharedMarket shared) : IClassFixture<SharedMarket>
{
    private const int MiB = 1024 * 1024;

    private readonly Market _market = shared.Market;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task Body_Packed_IsRead(string encoding)
    {
        using var response = await PostAsync(Pack(Encoding.UTF8.GetBytes(Wire.Ask), encoding), encoding);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Body_NotWhatItsEncodingSays_Is400(string encoding)
    {
        using var response = await PostAsync([.. "ï»¿{\"model\":\"auto\"}"u8, .. new byte[100]], encoding);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Body_SmallThatGrowsWithoutEnd_Is413AtTheLimit(string encoding)
    {
        var bomb = Pack(new byte[96 * MiB], encoding);
        Assert.InRange(bomb.Length, 1, MiB);

        using var response = await PostAsync(bomb, encoding);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("\"code\":\"request_too_large\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_TooLargeFromAClientThatSendsFirst_IsReadAwaySoThatTheAnswerIsRead(bool announced)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _market.Public.Port, Token);
        await using var stream = client.GetStream();
        const int Chunks = 48;
        var framing = announced ? $"Content-Length: {Chunks * MiB}" : "Transfer-Encoding: chunked";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {_market.Billing.Key}\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"),
            Token);
        var chunk = new byte[MiB];
        for (var sent = 0; sent < Chunks; sent++)
        {
            if (!announced)
            {
                await stream.WriteAsync("100000\r\n"u8.ToArray(), Token);
            }

            // A connection that was cut would throw here.
            await stream.WriteAsync(chunk, Token);
            if (!announced)
            {
                await stream.WriteAsync("\r\n"u8.ToArray(), Token);
            }
        }

        if (!announced)
        {
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), Token);
        }

        using var reader = new StreamReader(stream);

        Assert.Equal("HTTP/1.1 413 Payload Too Large", await reader.ReadLineAsync(Token));
    }

    [Fact]
    [Trait("Wire", "1")]
    public async Task Body_ThatStops_Is408()
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _market.Public.Port, Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {_market.Billing.Key}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"),
            Token);

        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Token);

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}", answer, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Wire", "24")]
    [Trait("Wire", "22")]
    [InlineData("a-plain-id", HttpStatusCode.OK)]
    [InlineData("with a space", HttpStatusCode.OK)]
    public async Task ClientRequestId_Any_DoesNoHarmAndIsNotTheId(string given, HttpStatusCode status)
    {
        using var client = _market.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/models", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("X-Client-Request-Id", given);

        using var response = await client.SendAsync(request, Token);

        Assert.Equal(status, response.StatusCode);
        Assert.NotEqual(given, response.Headers.GetValues("x-request-id").Single());
        Assert.True(long.Parse(response.Headers.GetValues("openai-processing-ms").Single(), System.Globalization.CultureInfo.InvariantCulture) >= 0);
    }

    private async Task<HttpResponseMessage> PostAsync(byte[] body, string encoding)
    {
        using var client = _market.CreateClient();
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        return await client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, Token);
    }

    private static byte[] Pack(byte[] body, string encoding)
    {
        using var packed = new MemoryStream();
        using (Stream packer = encoding switch
        {
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "identity" => new BufferedStream(packed),
            _ => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            packer.Write(body);
            packer.Flush();
            if (encoding == "identity")
            {
                return packed.ToArray();
            }
        }

        return packed.ToArray();
    }
}
