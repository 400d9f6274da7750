using System.Net;
using System.Net.Http.Json;
using ComputeShare.EndToEnd.Tests.Wire;
using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.EndToEnd.Tests.AppHost;

/// <summary>A consumer of a started product whose only engine is a real llama.cpp.</summary>
internal sealed class EngineConsumer : IDisposable
{
    private const int LongStream = 400;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    // Hanging up is at once.
    private readonly HttpClient _http = new(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero, UseProxy = false });
    private readonly LlamaServer _engine;
    private readonly Uri _completions;

    /// <param name="appHost">It has announced where everything is.</param>
    public EngineConsumer(LocalProcess appHost, LlamaServer engine)
    {
        _engine = engine;
        _completions = new Uri(Printed("Gateway:") + "/chat/completions");
        _http.DefaultRequestHeaders.Authorization = new("Bearer", Printed("API key:"));

        string Printed(string label) => appHost.Output.Split('\n').Last(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..].Trim();
    }

    public async Task IsServedAsync(CancellationToken cancellationToken)
    {
        using var response = await AskAsync(8, cancellationToken);
        var (events, done) = ServerSentEvents.Read(await response.Content.ReadAsStringAsync(cancellationToken));

        Assert.Equal(("computeshare/tiny", "demo-hoster", "1"), (Header("model"), Header("hoster"), Header("attempts")));
        Assert.True(done);
        Assert.NotEmpty(ServerSentEvents.TextOf(events));

        string Header(string name) => response.Headers.GetValues("x-computeshare-" + name).Single();
    }

    public async Task LeavesAndTheEngineStopsAsync(CancellationToken cancellationToken)
    {
        var response = await AskAsync(LongStream, cancellationToken);
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)))
        {
            Assert.StartsWith("data: {", await reader.ReadLineAsync(cancellationToken), StringComparison.Ordinal);
            Assert.NotEqual(0, await RunningAsync(cancellationToken));
        }

        response.Dispose();

        await Poll.UntilAsync("the engine runs nothing", async () => await RunningAsync(cancellationToken) == 0, StopLimit, cancellationToken);
    }

    public async Task IsToldWhenTheEngineDiesAsync(CancellationToken cancellationToken)
    {
        using var response = await AskAsync(LongStream, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var first = await reader.ReadLineAsync(cancellationToken);

        await _engine.KillAsync();

        var (events, done) = ServerSentEvents.Read(first + "\n" + await reader.ReadToEndAsync(cancellationToken));
        Assert.False(done);
        var errors = events.Where(chunk => chunk.TryGetProperty("error", out _)).ToArray();
        Assert.Equal("node_lost", Assert.Single(errors).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(errors[0], events[^1]);
    }

    public void Dispose() => _http.Dispose();

    private Task<int> RunningAsync(CancellationToken cancellationToken) => LlamaServer.RunningAsync(_http, _engine.Url, cancellationToken);

    /// <summary>Returns when the headers are there: the first content is on its way.</summary>
    private async Task<HttpResponseMessage> AskAsync(int tokens, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _completions);
        request.Content = JsonContent.Create(new
        {
            model = "auto",
            stream = true,
            max_tokens = tokens,
            temperature = 0,
            messages = new[] { new { role = "user", content = "Tell me of the river." } },
        });
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }
}
