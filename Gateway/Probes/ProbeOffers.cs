using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Nodes;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Probes;

/// <summary>What may be probed now: catalogue models that chat, at this gateway's nodes that take work, of hosters who are no reference.</summary>
internal sealed class ProbeOffers(JoinedNodes nodes, IOptions<ProbeOptions> options)
{
    public IReadOnlyList<ProbeOffer> Current =>
    [
        .. from report in nodes.Reports
           where report is { State.Draining: false, CountsBarred: false, ProbesBarred: false } && !IsReference(report)
           from offer in report.Offers
           where offer.InCatalogue
           let served = report.State.Models.FirstOrDefault(model => model.LocalName == offer.LocalName)
           where served?.Capabilities.Contains("chat") == true
           group (report.State, served) by (report.State.NodeId, offer.ModelId) into models
           select Offer(models.Key.ModelId, models.First().State, models.First().served!),
    ];

    private ProbeOffer Offer(string modelId, NodeState node, ServedModel served) => new(
        node.NodeId,
        modelId,
        served.Quantization,
        served.Capabilities.Contains("logprobs"),
        (int)new[] { (uint)options.Value.MostTokens, served.ContextLength / 2, served.Limits?.MaxCompletionTokens ?? 0, node.Limits?.MaxCompletionTokens ?? 0 }
            .Where(limit => limit > 0).Min(),
        TimeSpan.FromMilliseconds(served.Speed?.TtftMs ?? 0),
        served.Speed?.TokensPerSecond ?? 0);

    private bool IsReference(NodeReport report) => options.Value.References.Contains(report.HosterName, StringComparer.OrdinalIgnoreCase);
}
