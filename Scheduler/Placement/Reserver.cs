using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Queueing;
using ComputeShare.Scheduler.Redis;
using ComputeShare.Scheduler.Telemetry;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Placement;

/// <summary>
/// One reserve from question to answer: take slots, wait where all are taken, say why where there are none. A lease that nobody waits for
/// any more is given back.
/// </summary>
internal sealed class Reserver(
    SlotTaker slots, Refusals refusals, WaitingRoom room, SchedulerTelemetry telemetry, IOptions<QueueOptions> queue, TimeProvider clock)
{
    /// <exception cref="OperationCanceledException">The token fired; nothing is held.</exception>
    /// <exception cref="RedisUnavailableException">Nothing is held for longer than a lease's life.</exception>
    public async Task<SchedulerAnswer> ReserveAsync(Reserve request, CancellationToken cancellationToken)
    {
        var maySpend = TimeSpan.FromMilliseconds(Math.Min(request.WaitMs, queue.Value.MaxWait.TotalMilliseconds));
        // Whoever may wait does not overtake those who wait for the same already.
        var mustQueue = maySpend > TimeSpan.Zero && room.AnyoneWaitsFor(request.Models);
        var reserved = mustQueue ? null : await slots.TryTakeAsync(request, cancellationToken);
        var refused = reserved is null ? refusals.Explain(slots.Question(request)) : null;
        if (refused is { Kind: RefusalKind.Busy } && maySpend > TimeSpan.Zero)
        {
            (reserved, refused) = await WaitAsync(request, refused, maySpend, cancellationToken);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            await slots.GiveBackAsync(reserved);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return reserved is not null ? new SchedulerAnswer { Reserved = reserved } : new SchedulerAnswer { Refused = Counted(refused!) };
    }

    private async Task<(Reserved?, Refused)> WaitAsync(Reserve request, Refused busy, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var waiter = new Waiter(
            request.AccountId, Math.Max(1, (int)request.Slots), request.Models, () => slots.TryTakeAsync(request, cancellationToken), slots.GiveBackAsync);
        if (!room.TryEnter(waiter))
        {
            busy.Kind = RefusalKind.QueueFull;
            return (null, busy);
        }

        var reserved = await room.WaitAsync(waiter, atMost, cancellationToken);
        var waited = clock.GetElapsedTime(start);
        telemetry.Waited(waited, served: reserved is not null);
        busy.QueueMs = (uint)waited.TotalMilliseconds;
        if (waiter.WasSentAway)
        {
            busy.Kind = RefusalKind.QueueFull;
        }

        if (reserved is not null)
        {
            reserved.QueueMs = busy.QueueMs;
        }

        return (reserved, busy);
    }

    private Refused Counted(Refused refused)
    {
        if (refused.Kind is RefusalKind.Busy or RefusalKind.QueueFull)
        {
            refused.RetryAfterMs = (uint)queue.Value.RetryAfter.TotalMilliseconds;
        }

        telemetry.Refused(refused.Kind);
        return refused;
    }
}
