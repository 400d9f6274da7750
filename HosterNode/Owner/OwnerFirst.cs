using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Slots;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode.Owner;

/// <summary>
/// Gives way to the machine's owner: of what the engine runs, whatever is not the market's takes slots from the market. Two readings in a
/// row must agree, because a request of the market's that has just ended may be counted by the engine a moment longer.
/// </summary>
internal sealed class OwnerFirst(SlotTable slots, IOptions<ControlOptions> options, ILogger<OwnerFirst> log)
{
    private const int Unknown = -1;

    private int _last;
    private int _local = Unknown;

    /// <summary>Requests of somebody else, as last seen; null where the engine does not tell, or nobody looks.</summary>
    public int? Local => Volatile.Read(ref _local) is var local && local == Unknown ? null : local;

    /// <summary>One reading after the other.</summary>
    /// <param name="inEngine">Requests that the engine runs or has waiting, whosever they are; null when it does not tell.</param>
    /// <param name="own">The most of the market's that ran while it was asked.</param>
    /// <param name="engineSlots">How many it runs side by side, where it tells.</param>
    public void Note(int? inEngine, int own, int? engineSlots)
    {
        if (!options.Value.OwnerFirst || inEngine is not { } running)
        {
            Volatile.Write(ref _local, Unknown);
            Offer(slots.Total);
            return;
        }

        var others = Math.Max(0, running - own);
        var certain = Math.Min(others, _last);
        _last = others;
        Volatile.Write(ref _local, certain);
        // An engine with more slots than are offered may have room for both.
        Offer(Math.Clamp((engineSlots ?? slots.Total) - certain, 0, slots.Total));
    }

    private void Offer(int offered)
    {
        if (slots.Offer(SlotLimit.Owner, offered))
        {
            OwnerLog.GaveWay(log, offered, slots.Total);
        }
    }
}
