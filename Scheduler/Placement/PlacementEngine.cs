using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>
/// Candidates → filter → score → pick. Decides from what is in memory alone, without a clock; whether the slots are really free, the lease
/// script says, and then asks again. Safe for all threads.
/// </summary>
internal sealed class PlacementEngine(PowerOfTwoChoices powerOfTwo, PlacementScores scores)
{
    /// <summary>
    /// Where the request should run; null when nothing fits, which <see cref="Refusals"/> explains. What had to be stepped over stands in
    /// the question, for <see cref="NodeRegistry.Park"/>.
    /// </summary>
    public NodeOffer? Choose(PlacementQuestion question)
    {
        foreach (var model in ModelChoice.InOrder(question))
        {
            if (Pick(question, model) is { } offer)
            {
                return offer;
            }
        }

        return null;
    }

    private NodeOffer? Pick(PlacementQuestion question, ModelEntry model)
    {
        if (ProviderSort.OrderOf(model, question.Provider.Sort) is { } order)
        {
            return Shortlist.First(question, order);
        }

        var shortlist = Shortlist.Of(question, model, scores.Spread);
        return shortlist.Count > 0 ? powerOfTwo.Pick(question, shortlist, PrefixHolders.Of(question, model, shortlist)) : null;
    }
}
