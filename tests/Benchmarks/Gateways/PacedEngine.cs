using System.Net;
using System.Text.Json;
using ComputeShare.TestSupport.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>
/// An OpenAI-compatible engine that computes nothing, in a process of its own: whole answers at once, streams at an even pace. It also
/// takes what the product exports of its telemetry, and forgets it.
/// </summary>
internal sealed class PacedEngine : IAsyncDisposable
{
    public const string Role = "gateway-engine";
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    /// <summary>A seed that asks for streams at the pace.</summary>
    public const int PacedSeed = 0;

    /// <summary>A seed that asks for one token and then nothing: a stream that stays open.</summary>
    public const int HeldSeed = 4711;

    /// <summary>A seed that asks for a stream all at once, as whole answers are.</summary>
    public const int InstantSeed = 4712;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly LocalProcess _process;

    private PacedEngine(LocalProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public TimeSpan ProcessorTime => _process.ProcessorTime;

    public static async Task<PacedEngine> StartAsync()
    {
        var (process, address) = await ChildServer.StartAsync(Role, [], StartLimit);
        return new PacedEngine(process, address);
    }

    /// <summary>What the process does.</summary>
    public static async Task RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        await using var app = builder.Build();
        var pacing = new Pacing(Pace);
        app.MapGet("/v1/models", () => Results.Text($$"""{"object":"list","data":[{"id":"{{BenchText.Model}}","object":"model","created":1,"owned_by":"bench"}]}""", "application/json"));
        app.MapPost("/v1/chat/completions", context => AnswerAsync(context, pacing));
        // Where OTLP goes, over HTTP.
        app.MapPost("/v1/{signal}", async context => await context.Request.Body.CopyToAsync(Stream.Null));
        var ticking = pacing.RunAsync(app.Lifetime.ApplicationStopping);
        await app.RunAsync();
        await ticking;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>One answer, at the pace of the others.</summary>
    internal static async Task AnswerAsync(HttpContext context, Pacing pacing)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var tokens = body.RootElement.GetProperty("max_tokens").GetInt32();
        if (!(body.RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean()))
        {
            await context.Response.WriteAsync(Whole(tokens));
            return;
        }

        var seed = body.RootElement.TryGetProperty("seed", out var given) ? given.GetInt32() : PacedSeed;
        context.Response.ContentType = "text/event-stream";
        var paced = new PacedStream(context.Response.BodyWriter, tokens);
        if (seed == InstantSeed)
        {
            await paced.GoToEndAsync();
            return;
        }

        await paced.BeginAsync();
        if (seed == HeldSeed)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        pacing.Add(paced);
        using var left = context.RequestAborted.Register(paced.Leave);
        await paced.Ended;
    }

    private static string Whole(int tokens) =>
        $$$"""{"id":"chatcmpl-bench","object":"chat.completion","created":1,"model":"{{{BenchText.Model}}}","choices":[{"index":0,"message":{"role":"assistant","content":"{{{BenchText.Answer(tokens)}}}"},"finish_reason":"length"}],"usage":{"prompt_tokens":12,"completion_tokens":{{{tokens}}},"total_tokens":{{{tokens + 12}}}}}""";
}
