using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Measuring;

/// <summary>The <see cref="NodeMeasures"/> of each node; they outlive the node's states, and its process. Safe for all threads.</summary>
internal sealed class Measurements(IOptions<MeasuringOptions> options)
{
    private readonly ConcurrentDictionary<string, NodeMeasures> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _changed = new(StringComparer.Ordinal);

    public NodeMeasures Of(string nodeId) => _nodes.GetOrAdd(nodeId, _ => new NodeMeasures(options.Value));

    public void Add(AttemptSample sample, TimeSpan now)
    {
        // Of a node that is not known here nothing is kept: whoever knows it measures it.
        if (_nodes.TryGetValue(sample.Node, out var node))
        {
            node.Add(sample, now);
            _changed[sample.Node] = true;
        }
    }

    public void Remove(string nodeId)
    {
        _nodes.TryRemove(nodeId, out _);
        _changed.TryRemove(nodeId, out _);
    }

    /// <summary>The nodes that were measured since the last call.</summary>
    public IReadOnlyList<string> TakeChanged()
    {
        var changed = _changed.Keys.ToArray();
        foreach (var nodeId in changed)
        {
            _changed.TryRemove(nodeId, out _);
        }

        return changed;
    }
}
