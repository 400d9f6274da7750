using System.Net.Http.Json;
using System.Net.Sockets;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>A consumer at one gateway. A broken connection is an answer too: see <see cref="ChatAnswer.Broken"/>.</summary>
internal sealed class ChatClient : IDisposable
{
    // One connection per request: a reused one that broke meanwhile would be tried again behind our back. Hanging up is at once.
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, ResponseDrainTimeout = TimeSpan.Zero, UseProxy = false });
    private readonly Uri _completions;

    public ChatClient(Uri gateway, string key)
    {
        Gateway = gateway;
        Key = key;
        _completions = new Uri(gateway, "/v1/chat/completions");
        _http.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    public Uri Gateway { get; }

    public string Key { get; }

    public static object Body(int maxTokens, bool stream) => new
    {
        model = "auto",
        stream,
        max_tokens = maxTokens,
        // The model would rather say less.
        min_tokens = maxTokens,
        temperature = 0,
        logprobs = true,
        messages = new[] { new { role = "user", content = "Go on and on" } },
    };

    /// <summary>Without streaming.</summary>
    public Task<ChatAnswer> CompleteAsync(int maxTokens, CancellationToken cancellationToken) =>
        AskAsync(_completions, Body(maxTokens, stream: false), cancellationToken);

    /// <summary>Anything that is answered in one piece.</summary>
    public async Task<ChatAnswer> AskAsync(Uri url, object body, CancellationToken cancellationToken)
    {
        var answer = new ChatAnswer();
        try
        {
            using var response = await _http.PostAsJsonAsync(new Uri(Gateway, url), body, cancellationToken);
            answer.Begin(response);
            answer.Take(await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception error) when (IsOfConnection(error))
        {
            answer.Broken = true;
        }

        return answer;
    }

    /// <summary>Returns when the headers are there.</summary>
    public Task<ChatStream> OpenAsync(int maxTokens, CancellationToken cancellationToken, string? idempotencyKey = null) =>
        OpenAsync(Body(maxTokens, stream: true), cancellationToken, idempotencyKey);

    /// <param name="body">Of a chat that is streamed.</param>
    public async Task<ChatStream> OpenAsync(object body, CancellationToken cancellationToken, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _completions) { Content = JsonContent.Create(body) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        try
        {
            return new ChatStream(await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken));
        }
        catch (Exception error) when (IsOfConnection(error))
        {
            return new ChatStream(null);
        }
    }

    public async Task<ChatAnswer> StreamAsync(int maxTokens, CancellationToken cancellationToken, string? idempotencyKey = null)
    {
        await using var stream = await OpenAsync(maxTokens, cancellationToken, idempotencyKey);
        return await stream.ReadToEndAsync(cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    // HttpClient lets a SocketException through where its server dies right after it has accepted.
    private static bool IsOfConnection(Exception error) => error is HttpRequestException or SocketException;
}
