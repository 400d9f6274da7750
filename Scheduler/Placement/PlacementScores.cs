using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Placement;

/// <summary>What an offer is worth to one request now: its static score, its load, and what it holds of the prompt. In points.</summary>
internal sealed class PlacementScores(IOptions<ScoreOptions> options, StaticScores statics)
{
    private readonly ScoreOptions _weights = options.Value;

    public double Spread => _weights.Spread;

    public double Sum(PlacementQuestion question, NodeOffer offer) =>
        offer.StaticScore - statics.Load(offer.Measure.UsualLoad) + Load(question, offer) + Affinity(question, offer);

    /// <summary>
    /// Whoever comes back to a node finds it as loaded as it is now; to all others it is as loaded as usual, so that a slot which has just
    /// become free is there for the next turn of the conversation whose prefix it holds.
    /// </summary>
    public double Load(PlacementQuestion question, NodeOffer offer)
    {
        var now = LoadOf(offer);
        return statics.Load(Affinity(question, offer) > 0 ? now : Math.Max(now, offer.Measure.UsualLoad));
    }

    public double Affinity(PlacementQuestion question, NodeOffer offer) =>
        LoadOf(offer) * 100 >= _weights.AffinityUpToLoad ? 0 : _weights.Affinity * question.HeldBy(offer.Node.NodeId);

    /// <summary>The parts by name, as explanations show them.</summary>
    public void Explain(PlacementQuestion question, NodeOffer offer, Explanation explanation)
    {
        Add("price", statics.Price(offer.Prices));
        Add("ttft", statics.Ttft(offer.Measure));
        Add("throughput", statics.Throughput(offer.Measure));
        Add("errors", statics.Errors(offer.Measure));
        Add("counts", statics.Counts(offer.Node.Verdicts.Counts));
        Add("probes", statics.Probes(offer.Node.Verdicts.Probes));
        Add("load", Load(question, offer));
        Add("affinity", Affinity(question, offer));

        // Negative zero would be shown as such.
        void Add(string name, double points) => explanation.Score[name] = Math.Round(points, 1) + 0.0;
    }

    private static double LoadOf(NodeOffer offer) =>
        offer.Node.Slots > 0 ? Math.Clamp((double)offer.Node.SlotView.Taken / offer.Node.Slots, 0, 1) : 1;
}
