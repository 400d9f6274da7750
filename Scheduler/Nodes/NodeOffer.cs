using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>One model on one node: what placement chooses among. Immutable.</summary>
internal sealed class NodeOffer(NodeSnapshot node, Offer offer, ServedModel served)
{
    private readonly HashSet<string> _capabilities = [.. served.Capabilities];

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

    public IReadOnlyCollection<string> Capabilities => _capabilities;

    public float TokensPerSecond => served.Speed?.TokensPerSecond ?? 0;

    public float TtftMs => served.Speed?.TtftMs ?? 0;

    /// <summary>
    /// What the index is sorted by, lower is better: nano-dollars of a million tokens, three of the prompt for one of the answer, the
    /// mix of ordinary chat.
    /// </summary>
    public double StaticScore { get; } = ((3.0 * offer.Price.Prices.Input) + offer.Price.Prices.Output) / 4;

    public bool Can(string capability) => _capabilities.Contains(capability);
}
