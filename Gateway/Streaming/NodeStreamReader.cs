using System.Runtime.CompilerServices;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Streaming.Frames;

namespace ComputeShare.Gateway.Streaming;

/// <summary>
/// Reads one node's frames under the deadlines for the first token, between tokens and in total. A deadline runs only while a read is
/// under way, so that a slow client is not the node's failure, and goes on over frames without content. One read at a time.
/// </summary>
internal sealed class NodeStreamReader : IAsyncDisposable
{
    private readonly IFrameStream _call;
    private readonly StreamingOptions _deadlines;
    private readonly TimeProvider _clock;
    private readonly long _arrived;
    private readonly CancellationToken _clientLeft;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenRegistration _onClientLeft;
    private bool _hasEnded;
    private bool _hasContent;
    private TimeSpan _waited;
    private bool _hasLastWord;
    private long? _graceBegan;

    /// <param name="open">Starts the job; its token ends it.</param>
    /// <param name="arrived">Timestamp of the request's arrival.</param>
    public NodeStreamReader(
        Func<CancellationToken, IFrameStream> open,
        StreamingOptions deadlines,
        TimeProvider clock,
        long arrived,
        CancellationToken clientLeft)
    {
        _deadlines = deadlines;
        _clock = clock;
        _arrived = arrived;
        Dispatched = clock.GetTimestamp();
        _clientLeft = clientLeft;
        _stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _onClientLeft = clientLeft.Register(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        _call = open(_stop.Token);
    }

    /// <summary>Timestamp of the job's start.</summary>
    public long Dispatched { get; }

    /// <summary>Until the next read.</summary>
    public Frame Current => _call.Current;

    /// <summary>Why there are no more frames.</summary>
    public CompletionOutcome End { get; private set; } = CompletionOutcome.NodeLost;

    /// <summary>From here on only the node's last word is awaited, and not for long.</summary>
    public void AwaitOnlyUsage() => _graceBegan ??= _clock.GetTimestamp();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadAsync()
    {
        try
        {
            var began = _clock.GetTimestamp();
            _stop.CancelAfter(Remaining(began));
            if (!await _call.ReadAsync())
            {
                _hasEnded = true;
                return false;
            }

            _stop.CancelAfter(Timeout.InfiniteTimeSpan);
            var isContent = Current.KindCase == Frame.KindOneofCase.Delta && Current.Delta.HasContent();
            _hasContent |= isContent;
            _waited = isContent ? TimeSpan.Zero : _waited + _clock.GetElapsedTime(began);
            _hasLastWord = Current.KindCase is Frame.KindOneofCase.Finished or Frame.KindOneofCase.Failed;
            return true;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            End = Why();
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _onClientLeft.DisposeAsync();
        if (_hasLastWord)
        {
            // The call's status follows at once. Without it each answer would end in a reset of its HTTP/2 stream, of which a server takes
            // only so many from one connection.
            AwaitOnlyUsage();
            await ReadAsync();
        }

        if (!_hasEnded)
        {
            // The job at the node, when it is still running.
            await _stop.CancelAsync();
        }

        _call.Dispose();
        _stop.Dispose();
    }

    private TimeSpan Remaining(long now)
    {
        var limit = _graceBegan is { } began ? _deadlines.UsageGrace - _clock.GetElapsedTime(began, now)
            : _hasContent ? _deadlines.BetweenTokens - _waited
            : _deadlines.FirstToken - _clock.GetElapsedTime(Dispatched, now);
        var total = _deadlines.Total - _clock.GetElapsedTime(_arrived, now);
        limit = limit < total ? limit : total;
        return limit > TimeSpan.Zero ? limit : TimeSpan.Zero;
    }

    private CompletionOutcome Why() => this switch
    {
        { _clientLeft.IsCancellationRequested: true } => CompletionOutcome.ClientLeft,
        { _stop.IsCancellationRequested: false } => CompletionOutcome.NodeLost,
        _ when _clock.GetElapsedTime(_arrived) >= _deadlines.Total => CompletionOutcome.TotalDeadline,
        { _hasContent: true } => CompletionOutcome.BetweenTokensDeadline,
        _ => CompletionOutcome.FirstTokenDeadline,
    };
}
