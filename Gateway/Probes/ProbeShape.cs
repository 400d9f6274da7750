namespace ComputeShare.Gateway.Probes;

/// <summary>How a probe is asked: as varied as clients are.</summary>
/// <param name="IsGreedy">At temperature 0, where the model has one answer.</param>
/// <param name="HasLogprobs">The node is asked for them.</param>
/// <param name="MaxTokens">Null: as many as the model likes, as most clients ask.</param>
/// <param name="IsStreamed">A node does not see it; the gateway sees when each token came.</param>
internal sealed record ProbeShape(bool IsGreedy, bool HasLogprobs, bool IsStreamed, int? MaxTokens, double? Temperature)
{
    private static readonly double?[] Temperatures = [null, null, 0.7, 1];

    // Below, an answer without a budget would be longer than the operator wants to pay for.
    private const int LeastOfOpen = 1024;

    // What clients set.
    private static readonly int[] Budgets = [32, 50, 64, 100, 128, 150, 200, 256, 300, 400, 500, 512, 800, 1000, 1024, 1500, 2000, 2048, 4000, 4096];

    /// <summary>An answer to it says something beside another's.</summary>
    public bool IsComparable => IsGreedy || HasLogprobs;

    public static ProbeShape Next(ProbeOffer offer)
    {
        var isGreedy = Chance.Of(0.6);

        // Greedy probes do without: a node that is honest only where it must show its likelihoods is to be found as well.
        var hasLogprobs = !isGreedy && offer.HasLogprobs && Chance.Of(0.75);
        return new ProbeShape(
            isGreedy,
            hasLogprobs,
            Chance.Of(0.7),
            Budget(offer.MostTokens),
            isGreedy ? 0 : hasLogprobs ? null : Temperatures[Chance.Between(0, Temperatures.Length - 1)]);
    }

    private static int? Budget(int mostTokens)
    {
        var fitting = Budgets.Count(budget => budget <= mostTokens);
        var isOpen = mostTokens >= LeastOfOpen && Chance.Of(0.4);
        return isOpen ? null : Budgets[Chance.Between(0, Math.Max(fitting, 1) - 1)];
    }

    /// <summary>The same of a reference, which may know what it is asked for: at once, with likelihoods.</summary>
    public ProbeShape OfReference() => this with { HasLogprobs = true, IsStreamed = false };
}
