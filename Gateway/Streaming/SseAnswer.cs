using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.OpenAI;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ComputeShare.Gateway.Streaming;

/// <summary>
/// A streamed answer. The 200 is held until the first content, at most <see cref="StreamingOptions.HoldStatus"/>; from then on comments
/// keep a silent stream alive. The gate serialises the flow and the keep-alive comments, which come only between events.
/// </summary>
internal sealed class SseAnswer : ICompletionAnswer
{
    private readonly CompletionContext _context;
    private readonly HttpContext _http;
    private readonly StreamingOptions _options;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly SseWriter _writer;
    private readonly IEventFormat _events;
    private readonly Task _keepingAlive;
    private long _lastEvent;
    private bool _openedEarly;

    public SseAnswer(CompletionContext context, StreamingOptions options, TimeProvider clock)
    {
        _context = context;
        _http = context.Http;
        _options = options;
        _clock = clock;
        _writer = new SseWriter(_http.Response.BodyWriter);
        _events = context.Request.Operation.Events(context);
        _lastEvent = clock.GetTimestamp();
        _keepingAlive = KeepAliveAsync();
    }

    public bool ContentSent { get; private set; }

    public bool HasUnflushed { get; private set; }

    public void BeginAttempt()
    {
        // Before content nothing has been written, and after content there is no other attempt.
    }

    public async ValueTask WriteAsync(TextPiece piece)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            Open(served: true);
            _events.WritePiece(_writer, piece);
            ContentSent = true;
            HasUnflushed = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask<CompletionOutcome?> FlushAsync()
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            HasUnflushed = false;
            _lastEvent = _clock.GetTimestamp();
            return await FlushResponseAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task FinishAsync(IReadOnlyList<ChoiceText> choices)
    {
        await StopKeepingAliveAsync();
        Open(served: true);
        _events.WriteEnd(_writer, choices, _openedEarly);
        await FlushResponseAsync();
    }

    public async Task FailAsync(CompletionOutcome outcome)
    {
        await StopKeepingAliveAsync();
        if (outcome.Error is not { } error || _http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (!_http.Response.HasStarted)
        {
            _context.WriteServedHeaders();
            await _http.WriteErrorAsync(error, _context.ErrorNote());
            return;
        }

        _events.WriteError(_writer, error);
        await FlushResponseAsync();
        _http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopKeepingAliveAsync();
        _writer.Dispose();
        _ended.Dispose();
        _gate.Dispose();
    }

    /// <param name="served">It is known who serves; a failover may still change that when the 200 leaves before content.</param>
    private void Open(bool served)
    {
        var response = _http.Response;
        if (response.HasStarted || response.ContentType is not null)
        {
            return;
        }

        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        if (served)
        {
            _context.WriteServedHeaders();
        }

        // A slow reader is this class's matter: it is billed for what it took, and the node is blameless.
        if (_http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private async ValueTask<CompletionOutcome?> FlushResponseAsync()
    {
        var flushing = _http.Response.BodyWriter.FlushAsync(CancellationToken.None);
        try
        {
            if (!flushing.IsCompletedSuccessfully)
            {
                // Pending means that the response's 64 KB are full.
                await flushing.AsTask().WaitAsync(_options.SlowReader, _clock, _http.RequestAborted);
            }

            return _http.RequestAborted.IsCancellationRequested ? CompletionOutcome.ClientLeft : null;
        }
        catch (TimeoutException)
        {
            _http.Abort();
            return CompletionOutcome.ClientTooSlow;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return CompletionOutcome.ClientLeft;
        }
    }

    private async Task KeepAliveAsync()
    {
        var pause = Least(_options.HoldStatus, _options.KeepAlive);
        while (await PausedAsync(pause))
        {
            await _gate.WaitAsync(CancellationToken.None);
            try
            {
                // Until the 200 has left, _lastEvent is when the request began.
                pause = (_http.Response.HasStarted ? _options.KeepAlive : _options.HoldStatus) - _clock.GetElapsedTime(_lastEvent);
                if (pause > TimeSpan.Zero || _ended.IsCancellationRequested)
                {
                    pause = Least(pause, _options.KeepAlive);
                    continue;
                }

                _openedEarly |= !_http.Response.HasStarted;
                Open(served: false);
                _writer.WriteKeepAlive();
                _lastEvent = _clock.GetTimestamp();
                await FlushResponseAsync();
                pause = _options.KeepAlive;
            }
            finally
            {
                _gate.Release();
            }
        }
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task<bool> PausedAsync(TimeSpan pause)
    {
        await Task.Delay(pause, _clock, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_ended.IsCancellationRequested;
    }

    private async Task StopKeepingAliveAsync()
    {
        if (!_ended.IsCancellationRequested)
        {
            await _ended.CancelAsync();
            await _keepingAlive;
        }
    }
}
