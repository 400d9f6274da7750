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
        var wait = reserved is null && maySpend > TimeSpan.Zero && Refusals.MayFitInAWhile(slots.Question(request))
            ? await WaitAsync(request, maySpend, cancellationToken)
            : default;
        reserved ??= wait.Reserved;
        if (cancellationToken.IsCancellationRequested)
        {
            await slots.GiveBackAsync(reserved);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return reserved is not null ? new SchedulerAnswer { Reserved = reserved } : new SchedulerAnswer { Refused = Refuse(request, wait) };
    }

    private async Task<Wait> WaitAsync(Reserve request, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var waiter = new Waiter(
            request.AccountId, Math.Max(1, (int)request.Slots), request.Models, () => slots.TryTakeAsync(request, cancellationToken), slots.GiveBackAsync);
        if (!room.TryEnter(waiter))
        {
            return new Wait(null, TimeSpan.Zero, RoomWasFull: true);
        }

        var reserved = await room.WaitAsync(waiter, atMost, cancellationToken);
        var waited = clock.GetElapsedTime(start);
        telemetry.Waited(waited, served: reserved is not null);
        if (reserved is not null)
        {
            reserved.QueueMs = (uint)waited.TotalMilliseconds;
        }

        return new Wait(reserved, waited, waiter.WasSentAway);
    }

    /// <summary>Why there is no node now, after the wait: what was so before it is of no use to the caller.</summary>
    private Refused Refuse(Reserve request, Wait wait)
    {
        var refused = refusals.Explain(slots.Question(request));
        refused.QueueMs = (uint)wait.Lasted.TotalMilliseconds;
        if (refused.Kind == RefusalKind.Busy)
        {
            refused.Kind = wait.RoomWasFull ? RefusalKind.QueueFull : RefusalKind.Busy;
            refused.RetryAfterMs = (uint)queue.Value.RetryAfter.TotalMilliseconds;
        }

        telemetry.Refused(refused.Kind);
        return refused;
    }

    /// <param name="Reserved">Null: nothing.</param>
    /// <param name="Lasted">In the room.</param>
    /// <param name="RoomWasFull">Of others, or of this account's own.</param>
    private readonly record struct Wait(Reserved? Reserved, TimeSpan Lasted, bool RoomWasFull);
}
