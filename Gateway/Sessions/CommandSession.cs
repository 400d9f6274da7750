using System.Diagnostics;
using ComputeShare.Contracts;
using Grpc.Core;

namespace ComputeShare.Gateway.Sessions;

/// <summary>
/// The client's end of one Session (<c>CommandSessionServer</c> is the other): keeps a stream standing to one replica, connects again
/// with back-off, and sends commands that carry a correlation id, the trace context and a deadline. Any thread may send.
/// </summary>
/// <param name="service">The service's name, for messages and spans.</param>
/// <param name="open">Opens the stream.</param>
internal sealed class CommandSession<TCommands, TCommand, TAnswers, TAnswer>(
    string service,
    Func<CancellationToken, AsyncDuplexStreamingCall<TCommands, TAnswers>> open,
    ServiceSessionOptions options,
    ActivitySource spans,
    TimeProvider clock,
    ILogger logger)
    where TCommands : class, ICommandBatch<TCommand>, new()
    where TCommand : class, ICommand
    where TAnswers : class, IAnswerBatch<TAnswer>
    where TAnswer : class, IAnswer
{
    private volatile SessionConnection<TCommands, TCommand, TAnswers, TAnswer>? _connection;
    private ulong _lastCorrelationId;

    public bool IsConnected => _connection is not null;

    /// <summary>Raised when a stream stands, the first time and after every loss. Handlers must not block.</summary>
    public event Action? Connected;

    /// <summary>Raised for every message, before its answers are handed out. Handlers must not block.</summary>
    public event Action<TAnswers>? Received;

    /// <param name="deadline">How long to wait for the answer; null = <see cref="ServiceSessionOptions.AnswerTimeout"/>.</param>
    /// <exception cref="SessionLostException">No answer came.</exception>
    public async Task<TAnswer> SendAsync(TCommand command, CancellationToken cancellationToken, TimeSpan? deadline = null)
    {
        var wait = deadline ?? options.AnswerTimeout;
        // Only a request's commands are spans of their own; what the background sends belongs to no trace.
        using var span = Activity.Current is null ? null : spans.StartActivity($"{service} {command.Name}", ActivityKind.Client);
        var connection = _connection ?? throw Lost(span, "not connected");
        command.CorrelationId = Interlocked.Increment(ref _lastCorrelationId);
        command.Traceparent = span?.Id ?? Activity.Current?.Id ?? "";
        command.DeadlineMs = (uint)wait.TotalMilliseconds;
        try
        {
            return await connection.Send(command).WaitAsync(wait, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw Lost(span, "the deadline passed");
        }
        catch (SessionLostException)
        {
            span?.SetStatus(ActivityStatusCode.Error, "session lost");
            throw;
        }
        finally
        {
            connection.Forget(command.CorrelationId);
        }
    }

    /// <summary>Keeps the stream standing until the token fires.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // A stream that outlives every request must not be a child of the one that happened to be first.
        Activity.Current = null;
        var pause = options.FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await ConnectAndRunAsync(cancellationToken))
            {
                pause = options.FirstPause;
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause;
        }
    }

    /// <returns>Whether the stream stood for a while.</returns>
    private async Task<bool> ConnectAndRunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var call = open(cancellationToken);
            await call.ResponseHeadersAsync.WaitAsync(options.ConnectTimeout, clock, cancellationToken);
            var connection = new SessionConnection<TCommands, TCommand, TAnswers, TAnswer>(service, call, batch => Received?.Invoke(batch));
            var running = connection.RunAsync(cancellationToken);
            _connection = connection;
            SessionLog.Connected(logger, service);
            Connected?.Invoke();
            await running;
            _connection = null;
            SessionLog.Lost(logger, service);
            return true;
        }
        catch (Exception error) when (error is RpcException or TimeoutException or OperationCanceledException or IOException)
        {
            SessionLog.ConnectFailed(logger, service, error);
            return false;
        }
    }

    private SessionLostException Lost(Activity? span, string reason)
    {
        span?.SetStatus(ActivityStatusCode.Error, reason);
        return new SessionLostException(service, reason);
    }
}
