using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>
/// Candidates → filter → score → pick. Decides from what is in memory alone; whether the slots are really free, the lease script says,
/// and then asks again. Safe for all threads.
/// </summary>
internal sealed class PlacementEngine(PowerOfTwoChoices powerOfTwo)
{
    /// <summary>Where the request should run; null when nothing fits, which <see cref="Refusals"/> explains.</summary>
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
        switch (question.Provider.Sort)
        {
            case ProviderSort.Price:
                return Shortlist.First(question, model);
            case ProviderSort.Throughput or ProviderSort.Latency:
                return Shortlist.Whole(question, model).MinBy(ProviderSort.Order(question.Provider.Sort)!);
            default:
                var shortlist = Shortlist.Of(question, model);
                return shortlist.Count > 0 ? powerOfTwo.Pick(shortlist) : null;
        }
    }
}
