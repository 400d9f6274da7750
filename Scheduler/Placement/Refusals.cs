using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>Says why no node was chosen. Looks at every candidate: for the failing path only.</summary>
internal sealed class Refusals(NodeRegistry registry)
{
    /// <summary>There is a node that will take the request if it waits. Stops at the first one.</summary>
    public static bool MayFitInAWhile(PlacementQuestion question) => Explanations.Candidates(question).Any(offer =>
        PlacementFilters.FirstAgainst(question, offer) is not { } filter || PlacementFilters.IsForAWhile(filter));

    public Refused Explain(PlacementQuestion question)
    {
        var explanation = Explanations.Count(question, Explanations.Candidates(question));
        var refused = new Refused { Explanation = explanation };
        if (explanation.Candidates == RuledOut(explanation, PlacementFilters.Live))
        {
            refused.Kind = question.Request.Models.Any(IsKnown) ? RefusalKind.NoNode : RefusalKind.UnknownModel;
        }
        else if (FitInAWhile(explanation))
        {
            refused.Kind = RefusalKind.Busy;
        }
        else if (!Live(question).Any(offer => PlacementFilters.Context.Admits(question, offer)))
        {
            refused.Kind = RefusalKind.ContextTooLong;
        }
        else
        {
            refused.Kind = RefusalKind.NothingFits;
            refused.Capability = MissingCapability(question);
            refused.Param = Param(refused.Capability);
        }

        return refused;
    }

    // Those that no filter is against: room came while it was counted.
    private static bool FitInAWhile(Explanation explanation) =>
        explanation.Candidates > explanation.Filtered.Values.Sum(count => (long)count)
        || PlacementFilters.All.Any(filter => PlacementFilters.IsForAWhile(filter) && RuledOut(explanation, filter) > 0);

    private static uint RuledOut(Explanation explanation, PlacementFilter filter) => explanation.Filtered.GetValueOrDefault(filter.Name);

    private static IEnumerable<NodeOffer> Live(PlacementQuestion question) =>
        Explanations.Candidates(question).Where(offer => PlacementFilters.Live.Admits(question, offer));

    private bool IsKnown(string model) =>
        model == PlacementQuestion.Auto || registry.Index.Find(model) is not null || registry.WasServed(model);

    // Only where no node at all can do it: else the caller asked for nothing wrong, the right node is just not there.
    private static string MissingCapability(PlacementQuestion question) =>
        question.Request.RequiredCapabilities.FirstOrDefault(capability => !Live(question).Any(offer => offer.Can(capability))) ?? "";

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
