using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Engines.OpenAI;

/// <summary>
/// HTTP to the engine. It goes where <see cref="EnginePaths"/> says and nowhere else, with no header of a caller's, without retries and
/// without a time-out on generations: a slow first token must not be generated twice.
/// </summary>
internal sealed class EngineClient : IDisposable
{
    /// <summary>The longest answer to a question, or refusal.</summary>
    public const int MostAnswerBytes = 4 << 20;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan QuestionLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(2);
    private static readonly ProductInfoHeaderValue Agent = new("ComputeShare-HosterNode", "1");

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        ConnectTimeout = ConnectLimit,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        // The engine gets no traceparent; the node's own span covers its work.
        ActivityHeadersPropagator = null,
        // A stream that is left is closed at once, not read to its end: the engine would go on generating.
        MaxResponseDrainSize = 0,
        // Engines close what is idle after 5 s (llama.cpp, uvicorn): a request on a connection that is just being closed would fail.
        PooledConnectionIdleTimeout = IdleLimit,
    });

    private readonly Uri _base;
    private readonly AuthenticationHeaderValue? _key;
    private readonly TimeProvider _clock;

    public EngineClient(IOptions<OpenAIEngineOptions> options, TimeProvider clock)
    {
        var url = options.Value.Url.TrimEnd('/');
        _base = new Uri((url.EndsWith("/v1", StringComparison.Ordinal) ? url[..^"/v1".Length] : url) + "/");
        _key = options.Value.ApiKey.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", options.Value.ApiKey);
        _clock = clock;
    }

    /// <summary>The answer to a question about the engine; null when it has none (any status but 200, or no JSON object).</summary>
    /// <exception cref="HttpRequestException">The engine cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or the token says so.</exception>
    public Task<EngineAnswer> AskAsync(string path, CancellationToken cancellationToken) =>
        AskAsync(Request(HttpMethod.Get, path, "application/json"), cancellationToken);

    /// <summary>The answer to a question that takes a body of JSON.</summary>
    public Task<EngineAnswer> AskAsync(string path, string body, CancellationToken cancellationToken) =>
        AskAsync(Request(path, Encoding.UTF8.GetBytes(body), "application/json"), cancellationToken);

    /// <summary>The answer to a question whose answer is text; empty when it has none.</summary>
    public Task<string> AskTextAsync(string path, CancellationToken cancellationToken) => AskAsync(
        Request(HttpMethod.Get, path, "text/plain"),
        async (response, token) => response.StatusCode == HttpStatusCode.OK && await ReadAsync(response, MostAnswerBytes, token) is { } body
            ? Encoding.UTF8.GetString(body.Span)
            : "",
        cancellationToken);

    private Task<EngineAnswer> AskAsync(HttpRequestMessage question, CancellationToken cancellationToken) => AskAsync(
        question,
        async (response, token) => new EngineAnswer(response.StatusCode, await ReadJsonAsync(response, MostAnswerBytes, token)),
        cancellationToken);

    private async Task<T> AskAsync<T>(
        HttpRequestMessage question, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(QuestionLimit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var request = question;
        using var response = await _http.SendAsync(request, either.Token);
        return await read(response, either.Token);
    }

    /// <summary>Starts a request's work; the answer's body is not read yet.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string accept, CancellationToken cancellationToken)
    {
        using var request = Request(path, body, accept);
        return await _http.SendAsync(request, cancellationToken);
    }

    /// <summary>A whole, bounded body as JSON; null when it is none.</summary>
    public static async Task<JsonElement?> ReadJsonAsync(HttpResponseMessage response, int mostBytes, CancellationToken cancellationToken)
    {
        if (await ReadAsync(response, mostBytes, cancellationToken) is not { } body)
        {
            return null;
        }

        // Megabytes are not to be parsed where sockets wait for their turn (SocketThreads).
        await Task.Yield();
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A whole body; null when it is larger.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpResponseMessage response, int mostBytes, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + read > mostBytes)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(string path, byte[] body, string accept)
    {
        var request = Request(HttpMethod.Post, path, accept);
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return request;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string accept)
    {
        var request = new HttpRequestMessage(method, new Uri(_base, path)) { Headers = { Authorization = _key, UserAgent = { Agent } } };
        request.Headers.Accept.ParseAdd(accept);
        return request;
    }
}

/// <param name="Status">The HTTP status.</param>
/// <param name="Body">Its JSON; null when it has none.</param>
internal readonly record struct EngineAnswer(HttpStatusCode Status, JsonElement? Body);

/// <summary>The only paths that this node asks an engine for.</summary>
internal static class EnginePaths
{
    public const string Models = "v1/models";
    public const string ChatCompletions = "v1/chat/completions";
    public const string Completions = "v1/completions";
    public const string Embeddings = "v1/embeddings";

    /// <summary>Of llama.cpp, vLLM and SGLang: the tokens of a text.</summary>
    public const string Tokenize = "tokenize";

    /// <summary>llama.cpp: how many slots there are, its build, what its model can.</summary>
    public const string LlamaProperties = "props";

    /// <summary>llama.cpp: what each slot does.</summary>
    public const string LlamaSlots = "slots";

    /// <summary>Of vLLM and TGI, as Prometheus reads them.</summary>
    public const string Metrics = "metrics";

    /// <summary>vLLM.</summary>
    public const string Version = "version";

    public const string SgLangServer = "server_info";
    public const string SgLangServerBefore = "get_server_info";
    public const string SgLangLoads = "v1/loads?include=core";

    public const string TgiInfo = "info";

    public const string LmStudioModels = "api/v1/models";
    public const string LmStudioModelsBefore = "api/v0/models";

    public const string OllamaVersion = "api/version";

    /// <summary>Its models, with what runs elsewhere.</summary>
    public const string OllamaTags = "api/tags";

    /// <summary>Those that are loaded.</summary>
    public const string OllamaLoaded = "api/ps";

    /// <summary>What one of its models can.</summary>
    public const string OllamaShow = "api/show";
}
