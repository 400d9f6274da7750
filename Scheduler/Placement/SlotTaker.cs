using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Leases;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Redis;
using ComputeShare.Scheduler.Sharing;
using ComputeShare.Scheduler.Telemetry;
using ComputeShare.ServiceDefaults.Faults;

namespace ComputeShare.Scheduler.Placement;

/// <summary>Chooses a node and takes its slots; chooses again where another request was faster.</summary>
internal sealed class SlotTaker(
    NodeRegistry registry, PlacementEngine engine, Explanations explanations, PrefixTable prefixes, Observations observations, LeaseStore leases,
    FaultPoints faults, SchedulerTelemetry telemetry, TimeProvider clock)
{
    // Each refusal of the script marks a node as full, so this ends by itself; the bound is for a view that is wrong about very many.
    private const int MaxTries = 64;

    /// <returns>Null where nothing fits now.</returns>
    /// <exception cref="OperationCanceledException">The token fired; nothing is held.</exception>
    /// <exception cref="RedisUnavailableException">Nothing is held for longer than a lease's life.</exception>
    public async Task<Reserved?> TryTakeAsync(Reserve request, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var prompt = PrefixTable.Read(request.PrefixHashes);
        Reserved? reserved = null;
        for (var tries = 0; tries < MaxTries && reserved is null; tries++)
        {
            var question = Question(request, prompt);
            var offer = engine.Choose(question);
            if (question.SteppedOver.Count >= PlacementQuestion.WorthParking)
            {
                registry.Park(question.SteppedOver);
            }

            if (offer is null)
            {
                break;
            }

            reserved = await TryTakeAsync(question, offer, cancellationToken);
        }

        if (reserved is not null)
        {
            observations.Add(prompt, reserved.NodeId);
        }

        telemetry.Placed(clock.GetElapsedTime(start), reserved is not null);
        return reserved;
    }

    public PlacementQuestion Question(Reserve request) => Question(request, PrefixTable.Read(request.PrefixHashes));

    /// <summary>Does not throw: what cannot be given back ends by itself, for nobody renews it.</summary>
    public Task GiveBackAsync(Reserved? reserved) =>
        reserved is not null && LeaseId.TryParse(reserved.LeaseId, out var lease) ? GiveBackAsync(lease, reserved.NodeId) : Task.CompletedTask;

    private PlacementQuestion Question(Reserve request, ulong[] prompt)
    {
        var now = registry.Now;
        return new PlacementQuestion(request, registry.Index, now) { Holders = prefixes.Find(prompt, now) };
    }

    private async Task<Reserved?> TryTakeAsync(PlacementQuestion question, NodeOffer offer, CancellationToken cancellationToken)
    {
        var lease = LeaseId.New(question.Slots, clock);
        var explanation = question.Request.Explain ? explanations.Of(question, offer) : null;
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
            NoHurry = 2 * offer.Node.SlotView.Taken < offer.Node.Slots,
        };
    }

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
}
