using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Placement;

/// <summary>
/// Two of the shortlist by chance, then the better one. Several Schedulers with the same view so do not all run to the same node.
/// Safe for all threads.
/// </summary>
internal sealed class PowerOfTwoChoices(Random random)
{
    private readonly Lock _lock = new();

    /// <param name="shortlist">Not empty, best static score first.</param>
    public NodeOffer Pick(List<NodeOffer> shortlist)
    {
        if (shortlist.Count == 1)
        {
            return shortlist[0];
        }

        int first, second;
        lock (_lock)
        {
            first = random.Next(shortlist.Count);
            second = random.Next(shortlist.Count - 1);
        }

        second += second >= first ? 1 : 0;
        var (one, other) = (shortlist[first], shortlist[second]);
        return PlacementScores.Sum(other, shortlist[0]) > PlacementScores.Sum(one, shortlist[0]) ? other : one;
    }
}
