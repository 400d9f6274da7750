using System.Diagnostics;
using System.Threading.Channels;
using ComputeShare.Contracts;
using Grpc.Core;

namespace ComputeShare.ServiceDefaults.Sessions;

/// <summary>
/// Serves one Session stream: runs every command at once, each under its own span and deadline, and sends the answers as they come,
/// all that are ready in one message. Ends when the gateway closes the stream or <paramref name="stopping"/> fires; commands still
/// running then are cancelled and awaited.
/// </summary>
/// <param name="handle">
/// Answers a command, and reports its own failures as answers; an exception that leaves it ends the session. Its token is cancelled
/// at the command's deadline too.
/// </param>
/// <param name="spans">Source of the command's server span.</param>
/// <param name="stopping">The service is shutting down.</param>
/// <param name="subscribe">
/// Called before the session stands, with the way to say something unasked: what is given to it is put into one of the next messages. What
/// it returns is disposed of when the session ends. Null: nothing is ever said unasked.
/// </param>
public sealed class CommandSessionServer<TCommands, TCommand, TAnswers, TAnswer>(
    Func<TCommand, CancellationToken, ValueTask<TAnswer>> handle,
    ActivitySource spans,
    CancellationToken stopping,
    Func<Action<Action<TAnswers>>, IDisposable>? subscribe = null)
    where TCommands : class, ICommandBatch<TCommand>
    where TCommand : ICommand
    where TAnswers : class, IAnswerBatch<TAnswer>, new()
    where TAnswer : IAnswer
{
    // Keeps a message of answers small enough that the first of them is not late.
    private const int MaxAnswersPerMessage = 256;

    // Far below the limit of a message: some answers are a megabyte.
    private const int MaxBytesPerMessage = 4 * 1024 * 1024;

    public async Task RunAsync(IAsyncStreamReader<TCommands> reader, IServerStreamWriter<TAnswers> writer, ServerCallContext call)
    {
        // The session's own span would otherwise be the parent of everything.
        Activity.Current = null;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, stopping);
        // Each puts itself into the message that leaves next.
        var answers = Channel.CreateUnbounded<Action<TAnswers>>(new UnboundedChannelOptions { SingleReader = true });
        using var subscription = subscribe?.Invoke(said => answers.Writer.TryWrite(said));

        // Tells the gateway that the session stands, so that from here on it misses nothing: without this the headers would wait for the
        // first answer.
        await call.WriteResponseHeadersAsync([]);
        var running = new RunningCommands();
        var writing = WriteAnswersAsync(answers.Reader, writer, ended);
        try
        {
            while (await reader.MoveNext(ended.Token))
            {
                foreach (var command in reader.Current.Commands)
                {
                    running.Begin();
                    _ = AnswerAsync(command, answers.Writer, running, ended);
                }
            }
        }
        catch (Exception) when (ended.IsCancellationRequested)
        {
            // The gateway went away or the service stops: both are ordinary ends of a session.
        }
        finally
        {
            await ended.CancelAsync();
            await running.WhenAllDoneAsync();
            answers.Writer.Complete();
            await writing;
        }
    }

    /// <summary>Never throws: a failure is <paramref name="running"/>'s.</summary>
    private async Task AnswerAsync(TCommand command, ChannelWriter<Action<TAnswers>> answers, RunningCommands running, CancellationTokenSource ended)
    {
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
            if (command.DeadlineMs > 0)
            {
                deadline.CancelAfter(TimeSpan.FromMilliseconds(command.DeadlineMs));
            }

            using var span = StartSpan(command);
            try
            {
                var answer = await handle(command, deadline.Token);
                answer.CorrelationId = command.CorrelationId;
                answers.TryWrite(message => message.Answers.Add(answer));
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                // Nobody waits for this answer any more.
                span?.SetStatus(ActivityStatusCode.Error, "deadline");
            }
            catch (Exception error)
            {
                span?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
                running.Fail(error);
                await ended.CancelAsync();
            }
        }
        finally
        {
            running.End();
        }
    }

    private Activity? StartSpan(TCommand command) =>
        ActivityContext.TryParse(command.Traceparent, traceState: null, isRemote: true, out var parent)
            ? spans.StartActivity(command.Name, ActivityKind.Server, parent)
            : null;

    private static async Task WriteAnswersAsync(
        ChannelReader<Action<TAnswers>> ready, IServerStreamWriter<TAnswers> writer, CancellationTokenSource ended)
    {
        try
        {
            while (await ready.WaitToReadAsync(ended.Token))
            {
                // Behind what is queued to run now: its answers come along, and a message costs more than an answer.
                await Task.Yield();
                var batch = new TAnswers();
                var bytes = 0;
                for (var count = 0; count < MaxAnswersPerMessage && bytes < MaxBytesPerMessage && ready.TryRead(out var putInto); count++)
                {
                    var answers = batch.Answers.Count;
                    putInto(batch);
                    bytes += batch.Answers.Count > answers ? batch.Answers[answers].CalculateSize() : 0;
                }

                await writer.WriteAsync(batch, ended.Token);
            }
        }
        catch (Exception) when (ended.IsCancellationRequested)
        {
            // As in the reader: the stream's end is no failure.
        }
        catch (Exception)
        {
            // A stream that cannot be written is over; without this the reader would wait for commands that nobody can be answered.
            await ended.CancelAsync();
        }
    }

    /// <summary>Counts commands in flight; keeps no list, since a session sees millions.</summary>
    private sealed class RunningCommands
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count = 1;
        private Exception? _error;

        public void Begin() => Interlocked.Increment(ref _count);

        public void Fail(Exception error) => _error = error;

        public Task WhenAllDoneAsync()
        {
            End();
            return _done.Task;
        }

        public void End()
        {
            if (Interlocked.Decrement(ref _count) > 0)
            {
                return;
            }

            if (_error is null)
            {
                _done.SetResult();
            }
            else
            {
                _done.SetException(_error);
            }
        }
    }
}
