using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>What a decision was made of. Looks at every candidate: for the failing path, and where it was asked for.</summary>
internal sealed class Explanations(PlacementScores scores)
{
    /// <summary>The candidates, what removed the others, and what the chosen one is worth.</summary>
    public Explanation Of(PlacementQuestion question, NodeOffer chosen)
    {
        var explanation = Count(question, Candidates(question));
        scores.Explain(question, chosen, explanation);
        return explanation;
    }

    /// <summary>Candidates, and how many each filter removed. An offer counts at the first filter that does not admit it.</summary>
    public static Explanation Count(PlacementQuestion question, IEnumerable<NodeOffer> candidates)
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

    public static IEnumerable<NodeOffer> Candidates(PlacementQuestion question) =>
        ModelChoice.All(question).SelectMany(model => model.Offers);
}
