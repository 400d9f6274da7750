using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Leases;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Queueing;
using ComputeShare.Scheduler.Redis;
using ComputeShare.Scheduler.Telemetry;
using ComputeShare.ServiceDefaults.Faults;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Placement;

/// <summary>
/// One reserve from question to answer: choose a node, take its slots, choose again where another was faster, wait where all are
/// taken. A lease that nobody waits for any more is given back.
/// </summary>
internal sealed class Reserver(
    NodeRegistry registry, PlacementEngine engine, Refusals refusals, LeaseStore leases, WaitingRoom room, FaultPoints faults,
    SchedulerTelemetry telemetry, IOptions<QueueOptions> queue, TimeProvider clock)
{
    // Each refusal of the script marks a node as full, so this ends by itself; the bound is for a view that is wrong about very many.
    private const int MaxTries = 64;

    /// <exception cref="OperationCanceledException">The token fired; nothing is held.</exception>
    /// <exception cref="RedisUnavailableException">Nothing is held for longer than a lease's life.</exception>
    public async Task<SchedulerAnswer> ReserveAsync(Reserve request, CancellationToken cancellationToken)
    {
        var maySpend = TimeSpan.FromMilliseconds(Math.Min(request.WaitMs, queue.Value.MaxWait.TotalMilliseconds));
        // Whoever may wait does not overtake those who wait for the same already.
        var mustQueue = maySpend > TimeSpan.Zero && room.AnyoneWaitsFor(request.Models);
        var reserved = mustQueue ? null : await TryPlaceAsync(request, cancellationToken);
        var refused = reserved is null ? refusals.Explain(Question(request)) : null;
        if (refused is { Kind: RefusalKind.Busy } && maySpend > TimeSpan.Zero)
        {
            (reserved, refused) = await WaitAsync(request, refused, maySpend, cancellationToken);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            await GiveBackAsync(reserved);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return reserved is not null ? new SchedulerAnswer { Reserved = reserved } : new SchedulerAnswer { Refused = Counted(refused!) };
    }

    private async Task<(Reserved?, Refused)> WaitAsync(Reserve request, Refused busy, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var waiter = new Waiter(request.Models, () => TryPlaceAsync(request, cancellationToken), GiveBackAsync);
        if (!room.TryEnter(waiter))
        {
            busy.Kind = RefusalKind.QueueFull;
            return (null, busy);
        }

        var reserved = await room.WaitAsync(waiter, atMost, cancellationToken);
        var waited = clock.GetElapsedTime(start);
        telemetry.Waited(waited, served: reserved is not null);
        if (reserved is not null)
        {
            reserved.QueueMs = (uint)waited.TotalMilliseconds;
        }

        return (reserved, busy);
    }

    private async Task<Reserved?> TryPlaceAsync(Reserve request, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        Reserved? reserved = null;
        for (var tries = 0; tries < MaxTries && reserved is null; tries++)
        {
            var question = Question(request);
            if (engine.Choose(question) is not { } offer)
            {
                break;
            }

            reserved = await TryTakeAsync(question, offer, cancellationToken);
        }

        telemetry.Placed(clock.GetElapsedTime(start), reserved is not null);
        return reserved;
    }

    private async Task<Reserved?> TryTakeAsync(PlacementQuestion question, NodeOffer offer, CancellationToken cancellationToken)
    {
        var lease = LeaseId.New(question.Slots, clock);
        var explanation = question.Request.Explain ? Explain(question, offer) : null;
        await faults.ReachAsync("scheduler.reserve.before-lease", cancellationToken);
        try
        {
            if (!await leases.TryAcquireAsync(lease, offer.Node.NodeId, offer.Node.Slots))
            {
                return null;
            }

            await faults.ReachAsync("scheduler.reserve.after-lease", cancellationToken);
        }
        catch (RedisUnavailableException)
        {
            // It may be held: a time-out says nothing about what Redis did. The answer does not wait for another one.
            _ = GiveBackAsync(lease, offer.Node.NodeId);
            throw;
        }
        catch
        {
            await GiveBackAsync(lease, offer.Node.NodeId);
            throw;
        }

        return new Reserved
        {
            LeaseId = lease.Value,
            NodeId = offer.Node.NodeId,
            HosterId = offer.Node.HosterId,
            HosterName = offer.Node.HosterName,
            ModelId = offer.ModelId,
            LocalModel = offer.LocalModel,
            Price = offer.Price,
            ExpiresInMs = (uint)leases.Life.TotalMilliseconds,
            ContextLength = offer.ContextLength,
            Fingerprint = offer.Fingerprint,
            Explanation = explanation,
        };
    }

    private static Explanation Explain(PlacementQuestion question, NodeOffer chosen)
    {
        var explanation = Refusals.Count(question);
        var cheapest = Shortlist.First(question, question.Index.Models[chosen.ModelId]) ?? chosen;
        foreach (var score in PlacementScores.All)
        {
            explanation.Score[score.Name] = score.Of(chosen, cheapest);
        }

        return explanation;
    }

    private Task GiveBackAsync(Reserved? reserved) =>
        reserved is not null && LeaseId.TryParse(reserved.LeaseId, out var lease) ? GiveBackAsync(lease, reserved.NodeId) : Task.CompletedTask;

    private async Task GiveBackAsync(LeaseId lease, string nodeId)
    {
        try
        {
            await leases.ReleaseAsync(lease, nodeId);
        }
        catch (RedisUnavailableException)
        {
            // Nobody renews it: it ends by itself.
        }
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

    private PlacementQuestion Question(Reserve request) => new(request, registry.Index, registry.Now);
}
