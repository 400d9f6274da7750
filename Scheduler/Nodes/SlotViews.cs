using System.Collections.Concurrent;
using ComputeShare.Scheduler.Measuring;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>The <see cref="SlotView"/> of each node; it outlives the node's states.</summary>
internal sealed class SlotViews(IOptions<MeasuringOptions> options)
{
    private readonly ConcurrentDictionary<string, SlotView> _views = new(StringComparer.Ordinal);

    public SlotView Of(string nodeId) => _views.GetOrAdd(nodeId, _ => new SlotView(options.Value.LoadHalfLife));

    public SlotView? Find(string nodeId) => _views.GetValueOrDefault(nodeId);

    public void Remove(string nodeId) => _views.TryRemove(nodeId, out _);

    public void ForgetAll()
    {
        foreach (var view in _views.Values)
        {
            view.Forget();
        }
    }
}
