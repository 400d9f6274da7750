using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Placement;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>One node as of one report. Immutable, but for its <see cref="NodeMemory"/>.</summary>
internal sealed class NodeSnapshot
{
    // The least change of the static score that is worth a new place in the indexes: what seven percent of the price are.
    private const double Noticeable = 10;

    private static readonly NodeLimits NoLimits = new();

    private readonly NodeMemory _memory;

    /// <param name="report">As the gateway sent it; not changed afterwards.</param>
    /// <param name="memory">The node's.</param>
    /// <param name="expiresAt">When the node is gone unless it is reported again.</param>
    /// <param name="scores">What its offers are worth.</param>
    /// <param name="now">On the process' monotonic clock.</param>
    public NodeSnapshot(NodeReport report, NodeMemory memory, TimeSpan expiresAt, StaticScores scores, TimeSpan now)
    {
        Report = report;
        ExpiresAt = expiresAt;
        _memory = memory;
        Offers = [.. Join(report, scores, now)];
    }

    public NodeReport Report { get; }

    public SlotView SlotView => _memory.Slots;

    public CoolDown CoolDown => _memory.CoolDown;

    /// <summary>On the process' monotonic clock.</summary>
    public TimeSpan ExpiresAt { get; }

    public IReadOnlyList<NodeOffer> Offers { get; }

    public string NodeId => Report.State.NodeId;

    public string Incarnation => Report.State.Incarnation;

    public ulong Sequence => Report.State.Sequence;

    public string HosterId => Report.HosterId;

    public string HosterName => Report.HosterName;

    public uint Slots => Report.State.Slots;

    /// <summary>How often in a row its own token counts were found too high, and probes against it.</summary>
    public Verdicts Verdicts => new(Report.CountsFound, Report.ProbesFound);

    public bool CountsBarred => Report.CountsBarred;

    public bool ProbesBarred => Report.ProbesBarred;

    public bool Draining => Report.State.Draining;

    public NodeLimits Limits => Report.State.Limits ?? NoLimits;

    public bool IsLive(TimeSpan now) => now < ExpiresAt;

    /// <summary>Takes work now, as far as it is known.</summary>
    public bool HasRoom(TimeSpan now) => SlotView.MayHave(1, Slots, now) && !CoolDown.IsOn(now);

    /// <summary>What is known now of one of its offers.</summary>
    public Measure MeasureOf(NodeOffer offer, TimeSpan now) => Read(offer.ModelId, Served(offer.LocalModel)!, now);

    /// <summary>With what is known of it now; null where its place would hardly change.</summary>
    public NodeSnapshot? Rescored(StaticScores scores, TimeSpan now)
    {
        foreach (var offer in Offers)
        {
            if (Math.Abs(scores.Sum(offer.Prices, MeasureOf(offer, now), Verdicts) - offer.StaticScore) >= Noticeable)
            {
                return new NodeSnapshot(Report, _memory, ExpiresAt, scores, now);
            }
        }

        return null;
    }

    // An offer without a price, or for a model that the node no longer serves, cannot be leased.
    private IEnumerable<NodeOffer> Join(NodeReport report, StaticScores scores, TimeSpan now)
    {
        foreach (var offer in report.Offers)
        {
            if (offer.ModelId.Length > 0 && offer.Price?.Prices is { Input: >= 0, CachedInput: >= 0, Output: >= 0 } prices
                && Served(offer.LocalName) is { } served)
            {
                var measure = Read(offer.ModelId, served, now);
                yield return new NodeOffer(this, offer, served, [.. served.Capabilities], measure, scores.Sum(prices, measure, Verdicts));
            }
        }
    }

    private ServedModel? Served(string localName) => Report.State.Models.FirstOrDefault(model => model.LocalName == localName);

    private Measure Read(string modelId, ServedModel served, TimeSpan now) => _memory.Measures.Read(modelId, served.Speed, now) with
    {
        UsualLoad = Slots > 0 ? Math.Min(SlotView.UsuallyTaken(now) / Slots, 1) : 0,
    };
}
