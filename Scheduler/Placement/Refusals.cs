using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>Says why no node was chosen, and what each filter removed. Looks at every candidate: for the failing path only.</summary>
internal sealed class Refusals(NodeRegistry registry)
{
    public Refused Explain(PlacementQuestion question)
    {
        NodeOffer[] candidates = [.. Candidates(question)];
        NodeOffer[] live = [.. candidates.Where(offer => PlacementFilters.Live.Admits(question, offer))];
        var refused = new Refused { Explanation = Count(question, candidates) };
        if (live.Length == 0)
        {
            refused.Kind = question.Request.Models.Any(IsKnown) ? RefusalKind.NoNode : RefusalKind.UnknownModel;
        }
        else if (candidates.Any(offer => FitsInAWhile(question, offer)))
        {
            refused.Kind = RefusalKind.Busy;
        }
        else if (!live.Any(offer => PlacementFilters.Context.Admits(question, offer)))
        {
            refused.Kind = RefusalKind.ContextTooLong;
        }
        else
        {
            refused.Kind = RefusalKind.NothingFits;
            refused.Capability = MissingCapability(question, live);
            refused.Param = Param(refused.Capability);
        }

        return refused;
    }

    /// <summary>Candidates, and how many each filter removed. An offer counts at the first filter that does not admit it.</summary>
    public static Explanation Count(PlacementQuestion question) => Count(question, Candidates(question));

    private static Explanation Count(PlacementQuestion question, IEnumerable<NodeOffer> candidates)
    {
        var explanation = new Explanation();
        foreach (var offer in candidates)
        {
            explanation.Candidates++;
            if (PlacementFilters.FirstAgainst(question, offer) is { } filter)
            {
                explanation.Filtered[filter.Name] = explanation.Filtered.GetValueOrDefault(filter.Name) + 1;
            }
        }

        return explanation;
    }

    private static IEnumerable<NodeOffer> Candidates(PlacementQuestion question) =>
        ModelChoice.All(question).SelectMany(model => model.Offers);

    // Only slots that are taken, or a cool-down, stand against it.
    private static bool FitsInAWhile(PlacementQuestion question, NodeOffer offer)
    {
        var against = PlacementFilters.FirstAgainst(question, offer);
        return against is null || against == PlacementFilters.NotCoolingDown || against == PlacementFilters.FreeSlots;
    }

    private bool IsKnown(string model) =>
        model == PlacementQuestion.Auto || registry.Index.Find(model) is not null || registry.WasServed(model);

    // Only where no node at all can do it: else the caller asked for nothing wrong, the right node is just not there.
    private static string MissingCapability(PlacementQuestion question, NodeOffer[] live) =>
        question.Request.RequiredCapabilities.FirstOrDefault(capability => !live.Any(offer => offer.Can(capability))) ?? "";

    // As chat names it; a gateway knows better what its request called it.
    private static string Param(string capability) => capability switch
    {
        "json_schema" or "json_object" => "response_format",
        "images" => "messages",
        "penalties" => "frequency_penalty",
        "chat" or "completions" or "embeddings" => "model",
        _ => capability,
    };
}
