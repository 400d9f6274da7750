using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>
/// Two of the shortlist by chance, then the better one. Several Schedulers with the same view so do not all run to the same node. Where
/// nodes hold the prompt's prefix, one of the two is the best of those. Safe for all threads.
/// </summary>
internal sealed class PowerOfTwoChoices(Random random, PlacementScores scores)
{
    private readonly Lock _lock = new();

    /// <param name="shortlist">Not empty.</param>
    /// <param name="holders">Those that hold a prefix, of the same tier; may be empty.</param>
    public NodeOffer Pick(PlacementQuestion question, List<NodeOffer> shortlist, List<NodeOffer> holders)
    {
        var (first, second) = Draw(shortlist.Count);
        var one = shortlist[first];
        var other = BestOf(question, holders) ?? shortlist[second];
        return scores.Sum(question, other) > scores.Sum(question, one) ? other : one;
    }

    // One that is too loaded to be preferred is one of many again.
    private NodeOffer? BestOf(PlacementQuestion question, List<NodeOffer> holders)
    {
        NodeOffer? best = null;
        foreach (var holder in holders)
        {
            if (scores.Affinity(question, holder) > 0 && (best is null || scores.Sum(question, holder) > scores.Sum(question, best)))
            {
                best = holder;
            }
        }

        return best;
    }

    private (int First, int Second) Draw(int count)
    {
        if (count == 1)
        {
            return (0, 0);
        }

        int first, second;
        lock (_lock)
        {
            first = random.Next(count);
            second = random.Next(count - 1);
        }

        return (first, second >= first ? second + 1 : second);
    }
}
