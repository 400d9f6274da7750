using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines;

namespace ComputeShare.HosterNode.Streaming;

/// <summary>
/// The deadlines of one request, counted from its arrival: the whole, and the wait for the engine's next token, which runs only while
/// the node waits for it, not while the gateway is slow to read.
/// </summary>
internal sealed class GenerationDeadlines : IDisposable
{
    private readonly Deadlines _limits;
    private readonly CancellationTokenSource _total;
    private readonly CancellationTokenSource _token;
    private readonly CancellationTokenSource _any;
    private bool _hasFirst;

    public GenerationDeadlines(Deadlines limits, TimeProvider clock, CancellationToken call)
    {
        _limits = limits;
        _total = new CancellationTokenSource(Milliseconds(_limits.TotalMs), clock);
        _token = new CancellationTokenSource(Milliseconds(_limits.FirstTokenMs), clock);
        _any = CancellationTokenSource.CreateLinkedTokenSource(call, _total.Token, _token.Token);
    }

    /// <summary>Cancelled by the call or any deadline.</summary>
    public CancellationToken Token => _any.Token;

    /// <summary>A token came: the wait for the next one has not begun.</summary>
    public void TokenCame()
    {
        _hasFirst = true;
        _token.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>The node now waits for the engine.</summary>
    public void WaitForToken()
    {
        if (_hasFirst)
        {
            _token.CancelAfter(Milliseconds(_limits.BetweenTokensMs));
        }
    }

    public Task CancelAsync() => _any.CancelAsync();

    /// <summary>Which deadline passed; null when none did.</summary>
    public EngineException? Passed() => _total.IsCancellationRequested
        ? new EngineException(FailureKind.Deadline, Fault.Nobody, retryable: false, "The request took longer than its total deadline.")
        : _token.IsCancellationRequested
            ? new EngineException(FailureKind.Deadline, Fault.Node, retryable: true, "The engine gave no token in time.")
            : null;

    public void Dispose()
    {
        _any.Dispose();
        _token.Dispose();
        _total.Dispose();
    }

    private static TimeSpan Milliseconds(uint value) => value == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(value);
}
