using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Scheduler.Nodes;

/// <summary>Lists the models that live nodes serve now, as <c>/v1/models</c> shows them.</summary>
internal sealed class LiveModels(NodeRegistry registry)
{
    public ListLiveModelsReply List()
    {
        var now = registry.Now;
        return new ListLiveModelsReply
        {
            Models =
            {
                registry.Index.Models.Values
                    .OrderBy(model => model.ModelId, StringComparer.Ordinal)
                    .Select(model => Describe(model.ModelId, [.. model.Offers.Where(offer => offer.Node.IsLive(now) && !offer.Node.Draining)]))
                    .OfType<LiveModel>(),
            },
        };
    }

    private static LiveModel? Describe(string modelId, IReadOnlyList<NodeOffer> offers) => offers.Count == 0 ? null : new LiveModel
    {
        ModelId = modelId,
        InCatalogue = offers[0].InCatalogue,
        Nodes = (uint)offers.DistinctBy(offer => offer.Node.NodeId).Count(),
        ContextLength = offers.Max(offer => offer.ContextLength),
        Prices = new Prices
        {
            Input = offers.Min(offer => offer.Prices.Input),
            CachedInput = offers.Min(offer => offer.Prices.CachedInput),
            Output = offers.Min(offer => offer.Prices.Output),
        },
        Capabilities = { offers.SelectMany(offer => offer.Capabilities).Distinct().Order(StringComparer.Ordinal) },
        Aliases = { offers[0].Aliases },
        Quantizations = { offers.Select(offer => offer.Quantization).Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal) },
        HosterName = offers[0].InCatalogue ? "" : offers[0].Node.HosterName,
    };
}
