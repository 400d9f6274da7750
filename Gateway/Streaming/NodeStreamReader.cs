using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Completions;
using Grpc.Core;

namespace ComputeShare.Gateway.Streaming;

/// <summary>
/// Reads one node's frames under the deadlines for the first token, between tokens and in total. A deadline runs only while a read is
/// under way, so that a slow client is not the node's failure. One read at a time.
/// </summary>
internal sealed class NodeStreamReader : IAsyncDisposable
{
    private readonly AsyncServerStreamingCall<Frame> _call;
    private readonly StreamingOptions _deadlines;
    private readonly TimeProvider _clock;
    private readonly long _arrived;
    private readonly long _dispatched;
    private readonly CancellationToken _clientLeft;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenRegistration _onClientLeft;
    private bool _hasContent;
    private bool _hasLastWord;
    private TimeSpan? _grace;

    /// <param name="open">Starts the job; its token ends it.</param>
    /// <param name="arrived">Timestamp of the request's arrival.</param>
    public NodeStreamReader(
        Func<CancellationToken, AsyncServerStreamingCall<Frame>> open,
        StreamingOptions deadlines,
        TimeProvider clock,
        long arrived,
        CancellationToken clientLeft)
    {
        _deadlines = deadlines;
        _clock = clock;
        _arrived = arrived;
        _dispatched = clock.GetTimestamp();
        _clientLeft = clientLeft;
        _stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _onClientLeft = clientLeft.Register(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        _call = open(_stop.Token);
    }

    public Frame Current => _call.ResponseStream.Current;

    /// <summary>Why there are no more frames.</summary>
    public CompletionOutcome End { get; private set; } = CompletionOutcome.NodeLost;

    /// <summary>From here on only the node's last word is awaited, and not for long.</summary>
    public void AwaitOnlyUsage() => _grace = _deadlines.UsageGrace;

    public async ValueTask<bool> ReadAsync()
    {
        try
        {
            _stop.CancelAfter(Remaining());
            if (!await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                return false;
            }

            _stop.CancelAfter(Timeout.InfiniteTimeSpan);
            _hasContent |= Current.KindCase == Frame.KindOneofCase.Delta;
            _hasLastWord = Current.KindCase is Frame.KindOneofCase.Finished or Frame.KindOneofCase.Failed;
            return true;
        }
        catch (Exception error) when (error is RpcException or IOException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
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
            _grace = _deadlines.UsageGrace;
            await ReadAsync();
        }

        // Cancels the job at the node when it is still running.
        _call.Dispose();
        _stop.Dispose();
    }

    private TimeSpan Remaining()
    {
        var limit = _grace ?? (_hasContent ? _deadlines.BetweenTokens : _deadlines.FirstToken - _clock.GetElapsedTime(_dispatched));
        var total = _deadlines.Total - _clock.GetElapsedTime(_arrived);
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
