using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using ComputeShare.TestSupport.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ComputeShare.HosterNode.Tests.Engines.OpenAI;

/// <summary>
/// An engine that answers what a test tells it to, on a real loopback port. What it says of itself by default, and the events below, are
/// llama-server's, as recorded (ENGINES.md §2).
/// </summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    public const string Role = """{"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"id":"chatcmpl-7","object":"chat.completion.chunk"}""";
    public const string Length = """{"choices":[{"finish_reason":"length","index":0,"delta":{}}]}""";
    public const string Usage =
        """{"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":25,"total_tokens":27,"prompt_tokens_details":{"cached_tokens":5}},"timings":{"cache_n":5}}""";

    public const string Done = "[DONE]";

    public static readonly string[] Chat = [Role, Content(" ki"), Content(" lo"), Length, Usage, Done];

    private static readonly Func<HttpContext, Task> NotThere = Answers(404, """{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}""");

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _app;

    public int Port { get; } = LoopbackPorts.TakeFree();

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public string Setting => $"--Engine:Url=http://127.0.0.1:{Port}";

    public string Models { get; set; } =
        """{"object":"list","data":[{"id":"computeshare/tiny","owned_by":"llamacpp","meta":{"n_ctx":1024,"n_ctx_train":2048,"ftype":"Q4_K - Medium"}}]}""";

    public string? Properties { get; set; } = """{"total_slots":2,"build_info":"b6000-abc"}""";

    /// <summary>What it answers to a question for embeddings; null when it makes none.</summary>
    public Func<JsonElement, string>? Embed { get; set; }

    /// <summary>Its other pages; one without text is not there.</summary>
    public Dictionary<string, string?> Pages { get; } = new(StringComparer.Ordinal);

    /// <summary>What it says, with status 200, to any other path; null: 404.</summary>
    public string? Elsewhere { get; set; }

    public Func<HttpContext, Task> OnChat { get; set; } = Streams(Chat);

    public ConcurrentQueue<JsonElement> Bodies { get; } = new();

    public ConcurrentQueue<string> Paths { get; } = new();

    public ConcurrentBag<string> Headers { get; } = [];

    /// <summary>Of each request for a text, the connection that it came on.</summary>
    public ConcurrentQueue<string> Connections { get; } = new();

    /// <summary>Ends when a client closes a connection on which an answer was under way.</summary>
    public Task Closed => _closed.Task;

    public static async Task<FakeEngine> StartAsync()
    {
        var engine = new FakeEngine();
        await engine.ServeAsync();
        return engine;
    }

    public static string Content(string text) => $$$"""{"choices":[{"finish_reason":null,"index":0,"delta":{"content":{{{JsonSerializer.Serialize(text)}}}}}]}""";

    public static Func<HttpContext, Task> Streams(params string[] events) => async context =>
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var data in events)
        {
            await context.Response.WriteAsync($"data: {data}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    };

    /// <summary>The events, and then nothing, until the client leaves.</summary>
    public static Func<HttpContext, Task> Hangs(params string[] events) => async context =>
    {
        await Streams(events)(context);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
    };

    public static Func<HttpContext, Task> Answers(int status, string json) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, context.RequestAborted);
    };

    public async Task ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async Task GoAwayAsync()
    {
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await GoAwayAsync();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Paths.Enqueue(context.Request.Path);
        foreach (var header in context.Request.Headers)
        {
            Headers.Add($"{header.Key}: {header.Value}");
        }

        var path = context.Request.Path.Value ?? "";
        var answer = path switch
        {
            _ when Pages.TryGetValue(path, out var page) => page is null ? NotThere : Answers(200, page),
            "/v1/models" => Answers(200, Models),
            "/props" when Properties is not null => Answers(200, Properties),
            "/v1/chat/completions" or "/v1/completions" => ChatAsync,
            "/v1/embeddings" when Embed is not null => EmbedAsync,
            _ => Elsewhere is null ? NotThere : Answers(200, Elsewhere),
        };
        await answer(context);
    }

    private async Task EmbedAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        Bodies.Enqueue(body.RootElement.Clone());
        await Answers(200, Embed!(body.RootElement))(context);
    }

    private async Task ChatAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        Bodies.Enqueue(body.RootElement.Clone());
        Connections.Enqueue(context.Connection.Id);
        await using var closed = context.RequestAborted.Register(() => _closed.TrySetResult());
        try
        {
            await OnChat(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left, which is what the test waits for; what was registered may be gone before its turn.
            _closed.TrySetResult();
        }
    }
}
