using System.Collections.Concurrent;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>The <see cref="CoolDown"/> of each node; it outlives the node's states, and its process.</summary>
internal sealed class CoolDowns
{
    private readonly ConcurrentDictionary<string, CoolDown> _coolDowns = new(StringComparer.Ordinal);

    public CoolDown Of(string nodeId) => _coolDowns.GetOrAdd(nodeId, _ => new CoolDown());

    public void Remove(string nodeId) => _coolDowns.TryRemove(nodeId, out _);
}
