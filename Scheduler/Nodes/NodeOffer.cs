using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Measuring;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>One model on one node: what placement chooses among. Immutable.</summary>
/// <param name="node">The node as of one report.</param>
/// <param name="offer">What its gateway says.</param>
/// <param name="served">What the node itself says.</param>
/// <param name="capabilities">Of the served model.</param>
/// <param name="measure">What was known of it when its place in the indexes was found.</param>
/// <param name="staticScore">What the main index is sorted by; more is better.</param>
internal sealed class NodeOffer(NodeSnapshot node, Offer offer, ServedModel served, HashSet<string> capabilities, Measure measure, double staticScore)
{
    public NodeSnapshot Node { get; } = node;

    public string ModelId => offer.ModelId;

    public string LocalModel => offer.LocalName;

    public bool InCatalogue => offer.InCatalogue;

    public uint QualityRank => offer.QualityRank;

    // A hoster's own model is reachable by its name only.
    public IReadOnlyList<string> Aliases => offer.InCatalogue ? offer.Aliases : [];

    public OfferedPrice Price => offer.Price;

    public Prices Prices => offer.Price.Prices;

    public uint ContextLength => served.ContextLength;

    public string Quantization => served.Quantization;

    public string Fingerprint => served.Fingerprint;

    public IReadOnlyCollection<string> Capabilities => capabilities;

    public Measure Measure => measure;

    public double StaticScore => staticScore;

    public bool Can(string capability) => capabilities.Contains(capability);
}
