using System.Collections.Concurrent;
using System.Diagnostics;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Redis;

namespace ComputeShare.Scheduler.Sessions;

/// <summary>
/// The commands of one gateway's stream. Every command gets its answer: what goes wrong here is <c>Unavailable</c>, never the end of
/// the session.
/// </summary>
internal sealed class SchedulerSession(SessionCommands commands, ILogger<SchedulerSession> logger)
{
    // The reserves in flight, so that a cancel finds its own.
    private readonly ConcurrentDictionary<ulong, CancellationTokenSource> _reserves = new();

    /// <exception cref="OperationCanceledException">The gateway no longer waits for this answer.</exception>
    public async ValueTask<SchedulerAnswer> HandleAsync(SchedulerCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return command.CommandCase switch
            {
                SchedulerCommand.CommandOneofCase.Reserve => await ReserveAsync(command.CorrelationId, command.Reserve, cancellationToken),
                SchedulerCommand.CommandOneofCase.Release => await commands.ReleaseAsync(command.Release, cancellationToken),
                SchedulerCommand.CommandOneofCase.Renew => await commands.RenewAsync(command.Renew),
                SchedulerCommand.CommandOneofCase.NodeReport => await commands.ReportNodeAsync(command.NodeReport),
                SchedulerCommand.CommandOneofCase.NodeGone => await commands.DropNodeAsync(command.NodeGone),
                SchedulerCommand.CommandOneofCase.Cancel => Cancel(command.Cancel),
                _ => Unavailable("This scheduler does not know the command."),
            };
        }
        catch (RedisUnavailableException error)
        {
            SessionsLog.RedisAway(logger, command.Name, error.Reason);
            Activity.Current?.SetStatus(ActivityStatusCode.Error, "redis");
            return Unavailable("The scheduler's shared state is not available.");
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            SessionsLog.CommandFailed(logger, command.Name, error);
            Activity.Current?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
            return Unavailable("The scheduler failed.");
        }
    }

    private async Task<SchedulerAnswer> ReserveAsync(ulong correlationId, Reserve reserve, CancellationToken cancellationToken)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _reserves[correlationId] = cancelled;
        try
        {
            return await commands.ReserveAsync(reserve, cancelled.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new SchedulerAnswer { Refused = new Refused { Kind = RefusalKind.Cancelled } };
        }
        finally
        {
            _reserves.TryRemove(new(correlationId, cancelled));
        }
    }

    private SchedulerAnswer Cancel(ulong correlationId)
    {
        if (_reserves.TryGetValue(correlationId, out var reserve))
        {
            try
            {
                reserve.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // Its answer is just on the way.
            }
        }

        return SessionCommands.Done();
    }

    private static SchedulerAnswer Unavailable(string message) => new() { Unavailable = new Unavailable { Message = message } };
}
