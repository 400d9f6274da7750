using System.Collections.Concurrent;
using System.Threading.Channels;
using ComputeShare.Contracts;
using Grpc.Core;

namespace ComputeShare.Gateway.Sessions;

/// <summary>
/// One standing stream: sends commands, all that are ready in one message, and hands every answer to who waits for it. Lives until the
/// stream breaks; then everything still waiting fails with <see cref="SessionLostException"/>.
/// </summary>
internal sealed class SessionConnection<TCommands, TCommand, TAnswers, TAnswer>(
    string service,
    AsyncDuplexStreamingCall<TCommands, TAnswers> call,
    Action<TAnswers>? received = null)
    where TCommands : class, ICommandBatch<TCommand>, new()
    where TCommand : class, ICommand
    where TAnswers : class, IAnswerBatch<TAnswer>
    where TAnswer : class, IAnswer
{
    // Keeps a message small enough that the first command in it is not late.
    private const int MaxCommandsPerMessage = 256;

    // Far below the limit of a message: some commands are a megabyte.
    private const int MaxBytesPerMessage = 4 * 1024 * 1024;

    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<TAnswer>> _waiting = new();
    private readonly Channel<TCommand> _ready = Channel.CreateUnbounded<TCommand>(new UnboundedChannelOptions { SingleReader = true });
    private volatile bool _lost;

    /// <summary>Queues the command; its correlation id must be unique on this connection.</summary>
    public Task<TAnswer> Send(TCommand command)
    {
        var answer = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[command.CorrelationId] = answer;
        // A loss between the two lines finds the command among those that wait; one before them is seen here.
        if (_lost || !_ready.Writer.TryWrite(command))
        {
            Fail(command.CorrelationId, answer);
        }

        return answer.Task;
    }

    public void Forget(ulong correlationId) => _waiting.TryRemove(correlationId, out _);

    /// <summary>Runs until the stream ends or breaks.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(ended);
        try
        {
            while (await call.ResponseStream.MoveNext(ended.Token))
            {
                Deliver(call.ResponseStream.Current);
            }
        }
        catch (Exception error) when (error is RpcException or IOException or OperationCanceledException)
        {
            // How a stream broke makes no difference: what waits fails below, and the session connects again.
        }
        finally
        {
            _lost = true;
            _ready.Writer.Complete();
            await ended.CancelAsync();
            await writing;
            foreach (var (id, answer) in _waiting)
            {
                Fail(id, answer);
            }
        }
    }

    private void Deliver(TAnswers batch)
    {
        received?.Invoke(batch);
        foreach (var answer in batch.Answers)
        {
            // No one waits any more after a deadline: the answer came too late.
            if (_waiting.TryRemove(answer.CorrelationId, out var waiting))
            {
                waiting.TrySetResult(answer);
            }
        }
    }

    private async Task WriteAsync(CancellationTokenSource ended)
    {
        try
        {
            while (await _ready.Reader.WaitToReadAsync(ended.Token))
            {
                var batch = new TCommands();
                var bytes = 0;
                while (batch.Commands.Count < MaxCommandsPerMessage && bytes < MaxBytesPerMessage && _ready.Reader.TryRead(out var command))
                {
                    batch.Commands.Add(command);
                    bytes += command.CalculateSize();
                }

                await call.RequestStream.WriteAsync(batch, ended.Token);
            }
        }
        catch (Exception error) when (error is RpcException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // A stream that cannot be written is over; the reader ends it.
            await ended.CancelAsync();
        }
    }

    private void Fail(ulong correlationId, TaskCompletionSource<TAnswer> answer)
    {
        _waiting.TryRemove(correlationId, out _);
        answer.TrySetException(new SessionLostException(service, "the session was lost"));
    }
}
