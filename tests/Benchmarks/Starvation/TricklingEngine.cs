using System.Net;
using ComputeShare.Benchmarks.Gateways;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>An engine that answers well until it attacks; then with a byte a minute. Nobody has reason to doubt its node before.</summary>
internal sealed class TricklingEngine : IAttack, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly WebApplication _app;
    private readonly Pacing _pacing = new(PacedEngine.Pace);
    private volatile bool _attacks;
    private int _asked;

    private TricklingEngine(WebApplication app) => _app = app;

    public string Name => "a node that sends a byte a minute";

    // Longer than the deadline of a first token.
    public TimeSpan Length => TimeSpan.FromSeconds(70);

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<TricklingEngine> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var engine = new TricklingEngine(app);
        app.MapGet("/v1/models", () => Results.Text(
            $$"""{"object":"list","data":[{"id":"{{BenchText.Model}}","object":"model","created":1,"owned_by":"bench"}]}""", "application/json"));
        app.MapPost("/v1/chat/completions", engine.AnswerAsync);
        await app.StartAsync();
        _ = engine._pacing.RunAsync(app.Lifetime.ApplicationStopping);
        return engine;
    }

    public async Task<Reach> RunAsync(CancellationToken stop)
    {
        _attacks = true;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _attacks = false;
        // What hangs by now hangs on until its deadline: the node is no better for the end of this.
        return new Reach(_asked, $"{_asked:N0} requests were placed on it");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!_attacks)
        {
            await PacedEngine.AnswerAsync(context, _pacing);
            return;
        }

        Interlocked.Increment(ref _asked);
        context.Response.ContentType = "text/event-stream";
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.Body.WriteAsync(":"u8.ToArray(), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Pause, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
