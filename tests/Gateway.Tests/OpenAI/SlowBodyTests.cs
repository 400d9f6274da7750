using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Gateway.Tests.OpenAI;

/// <summary>Large bodies that are begun and not ended: neither time nor memory is theirs for ever.</summary>
[Trait("Category", "Integration")]
public sealed class SlowBodyTests(RedisServer redis)
{
    private const int Large = 12 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Body_LargeAndLate_Is408()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Bodies:Timeout=00:00:01");
        const int sent = 32 * 1024;
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", market.Public.Port, Token);
        await using var stream = client.GetStream();
        var head = $"POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {market.Billing.Key}\r\nContent-Type: application/json\r\nContent-Length: {2 * sent}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head + new string(' ', sent)), Token);

        // The connection is closed after it: its rest is not waited for.
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Token);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("\"error\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_LargeAndManyOfOneAccount_AreRefusedFromItsQuarterOnAndSmallOnesServed()
    {
        await using var market = await Market.StartAsync(redis, 1, "--Bodies:Megabytes=256");
        using var client = market.CreateClient();
        // Each takes 16 MB for what it has sent: four are a quarter of 256.
        UnfinishedBody[] bodies = [.. Enumerable.Range(0, 4).Select(_ => new UnfinishedBody(Large))];
        var asking = bodies.Select(body => client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), body, Token)).ToArray();
        await Task.WhenAll(bodies.Select(body => body.Sent)).WaitAsync(Limit, Token);

        // What is sent may not have been read yet; another body must not come between.
        var budget = market.Services.GetRequiredService<BodyBudget>();
        await Poll.UntilAsync("all four have their 16 MB", () => budget.Taken > 60 * 1024 * 1024, Limit, Token);

        using var fifth = new ByteArrayContent(new byte[Large]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var refused = await client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), fifth, Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.True(int.Parse(refused.Headers.GetValues("retry-after").Single(), CultureInfo.InvariantCulture) > 0);
        using var small = await market.PostAsync(Wire.Ask);
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);

        Array.ForEach(bodies, body => body.End());
        foreach (var response in await Task.WhenAll(asking))
        {
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            response.Dispose();
        }
    }

    /// <summary>Says so many bytes of a longer JSON body, and then nothing until it is told to end.</summary>
    private sealed class UnfinishedBody : HttpContent
    {
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly int _bytes;

        public UnfinishedBody(int bytes)
        {
            _bytes = bytes;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public Task Sent => _sent.Task;

        public void End() => _end.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[_bytes], Token);
            await stream.FlushAsync(Token);
            _sent.TrySetResult();
            await _end.Task.WaitAsync(Limit, Token);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
