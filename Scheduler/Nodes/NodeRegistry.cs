using System.Collections.Concurrent;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Placement;
using ComputeShare.Scheduler.Queueing;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>
/// The nodes this Scheduler knows, from reports of gateways and of other Schedulers, in any order. Readers take <see cref="Index"/>
/// once per decision, without a lock.
/// </summary>
internal sealed class NodeRegistry(
    SlotViews slotViews, CoolDowns coolDowns, Measurements measurements, StaticScores scores, CapacitySignal capacity, IOptions<NodeOptions> options,
    TimeProvider clock)
{
    private const int MaxNodeIdLength = 128;
    private const int MaxIncarnationLength = 64;

    // Reports and decisions do not wait for more than this.
    private const int MostRescoredAtOnce = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, NodeHistory> _histories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _modelsRememberedUntil = new(StringComparer.Ordinal);
    // Written under the lock. The nodes are as they were when they were parked: a look at all of them asks no index.
    private readonly ConcurrentDictionary<string, (NodeSnapshot Node, OfferOrders Orders)> _parked = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile NodeIndex _index = NodeIndex.Empty;

    public NodeIndex Index => _index;

    /// <summary>Completes when the nodes that Redis knew at the start are here.</summary>
    public Task Loaded => _loaded.Task;

    /// <summary>The process' monotonic clock, which all ends of this service's memory are told by.</summary>
    public TimeSpan Now => clock.GetElapsedTime(0);

    /// <summary>A report that cannot be placed on: gateways send none, so it is a defect of somebody's.</summary>
    public static bool IsMalformed(NodeReport report) =>
        report.State is not { NodeId.Length: > 0 and <= MaxNodeIdLength, Incarnation.Length: > 0 and <= MaxIncarnationLength };

    /// <summary>The name was offered under, or as an alias of, a model within the last minutes.</summary>
    public bool WasServed(string modelName)
    {
        lock (_lock)
        {
            return _modelsRememberedUntil.TryGetValue(modelName, out var until) && Now < until;
        }
    }

    public void MarkLoaded() => _loaded.TrySetResult();

    /// <param name="report">Not malformed.</param>
    /// <param name="life">How long it holds; less than the option where Redis has kept it for a while.</param>
    /// <returns>False when something newer is known.</returns>
    public bool Apply(NodeReport report, TimeSpan life)
    {
        lock (_lock)
        {
            var nodeId = report.State.NodeId;
            if (!_histories.TryGetValue(nodeId, out var history))
            {
                _histories.Add(nodeId, history = new NodeHistory());
            }

            if (!history.Accepts(report.State.Incarnation, report.State.Sequence))
            {
                return false;
            }

            var now = Now;
            var node = new NodeSnapshot(report, Memory(nodeId), now + life, scores, now);
            var parkedIn = node.HasRoom(now) ? OfferOrders.None : ParkedIn(nodeId);
            SetParked_NeedsLock(node, parkedIn);
            history.NeededUntil = node.ExpiresAt + options.Value.Life;
            RememberModels_NeedsLock(node);
            _index = _index.With(node, parkedIn);
        }

        capacity.Raise();
        return true;
    }

    /// <returns>False when something newer is known, or nothing.</returns>
    public bool Apply(NodeGone gone)
    {
        lock (_lock)
        {
            if (!_histories.TryGetValue(gone.NodeId, out var history) || !history.AcceptsDeparture(gone.Incarnation, gone.LastSequence))
            {
                return false;
            }

            _index = _index.Without(gone.NodeId);
            _parked.TryRemove(gone.NodeId, out _);
            return true;
        }
    }

    /// <summary>Gives those nodes their place in the indexes by what is known of them now.</summary>
    public void Rescore(IEnumerable<string> nodeIds)
    {
        foreach (var chunk in nodeIds.Chunk(MostRescoredAtOnce))
        {
            lock (_lock)
            {
                foreach (var nodeId in chunk)
                {
                    if (_index.Nodes.GetValueOrDefault(nodeId)?.Rescored(scores, Now) is { } rescored)
                    {
                        _index = _index.With(rescored, ParkedIn(nodeId));
                    }
                }
            }
        }
    }

    /// <summary>Sets aside nodes that a decision had to step over, as far as they still have no room.</summary>
    public void Park(IReadOnlyCollection<SteppedOver> steppedOver)
    {
        lock (_lock)
        {
            foreach (var inOneOrder in steppedOver.GroupBy(over => over.Orders))
            {
                var nodes = new List<NodeSnapshot>(inOneOrder.Count());
                foreach (var (nodeId, orders) in inOneOrder)
                {
                    var parkedIn = ParkedIn(nodeId);
                    if ((parkedIn & orders) == OfferOrders.None && _index.Nodes.GetValueOrDefault(nodeId) is { } node && !node.HasRoom(Now))
                    {
                        SetParked_NeedsLock(node, parkedIn | orders);
                        nodes.Add(node);
                    }
                }

                _index = _index.Park(nodes, inOneOrder.Key);
            }
        }
    }

    /// <summary>Brings back a node that may have room again; cheap where it is not parked.</summary>
    // A slot that is freed just now may find the node not parked yet; the next UnparkDue brings it back.
    public void Unpark(string nodeId)
    {
        if (_parked.ContainsKey(nodeId))
        {
            lock (_lock)
            {
                Unpark_NeedsLock(nodeId);
            }
        }
    }

    /// <summary>Brings back what has room by the lapse of time alone: a cool-down is over, leases have expired unannounced.</summary>
    /// <returns>Whether there was any.</returns>
    public bool UnparkDue()
    {
        lock (_lock)
        {
            var now = Now;
            var isAnyDue = false;
            foreach (var (nodeId, (node, _)) in _parked)
            {
                if (node.HasRoom(now))
                {
                    Unpark_NeedsLock(nodeId);
                    isAnyDue = true;
                }
            }

            return isAnyDue;
        }
    }

    /// <summary>Removes what nobody reported for too long.</summary>
    /// <returns>The ids of the nodes that expired.</returns>
    public IReadOnlyList<string> Sweep()
    {
        lock (_lock)
        {
            var now = Now;
            var expired = _index.Nodes.Values.Where(node => !node.IsLive(now)).Select(node => node.NodeId).ToArray();
            foreach (var nodeId in expired)
            {
                _index = _index.Without(nodeId);
                _parked.TryRemove(nodeId, out _);
            }

            foreach (var (nodeId, _) in _histories.Where(entry => entry.Value.NeededUntil <= now).ToArray())
            {
                _histories.Remove(nodeId);
                slotViews.Remove(nodeId);
                coolDowns.Remove(nodeId);
                measurements.Remove(nodeId);
            }

            foreach (var (name, _) in _modelsRememberedUntil.Where(entry => entry.Value <= now).ToArray())
            {
                _modelsRememberedUntil.Remove(name);
            }

            return expired;
        }
    }

    private NodeMemory Memory(string nodeId) => new(slotViews.Of(nodeId), coolDowns.Of(nodeId), measurements.Of(nodeId));

    private OfferOrders ParkedIn(string nodeId) => _parked.GetValueOrDefault(nodeId).Orders;

    private void SetParked_NeedsLock(NodeSnapshot node, OfferOrders orders)
    {
        if (orders == OfferOrders.None)
        {
            _parked.TryRemove(node.NodeId, out _);
        }
        else
        {
            _parked[node.NodeId] = (node, orders);
        }
    }

    private void Unpark_NeedsLock(string nodeId)
    {
        if (_parked.TryRemove(nodeId, out var parked) && _index.Nodes.GetValueOrDefault(nodeId) is { } node)
        {
            _index = _index.Unpark([node], parked.Orders);
        }
    }

    private void RememberModels_NeedsLock(NodeSnapshot node)
    {
        var until = node.ExpiresAt + options.Value.RememberModels;
        foreach (var offer in node.Offers)
        {
            _modelsRememberedUntil[offer.ModelId] = until;
            foreach (var alias in offer.Aliases)
            {
                _modelsRememberedUntil[alias] = until;
            }
        }
    }
}
