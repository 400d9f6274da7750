namespace ComputeShare.Gateway.Probes;

/// <summary>Whether tokens arrive when the node says that it had them. Who is slow and says so is slow, and scored as such.</summary>
internal static class ProbeTiming
{
    // Clocks, networks and a busy gateway stretch what is long, too.
    private const double Stretch = 1.5;

    // One answer is slower than the average of many, on a full node or of a long prompt, and that is honest.
    private const double StretchOfOffer = 3;

    /// <summary>Later than the node says of this answer, or much later than it offers: who reports late times as its own must offer them, too.</summary>
    public static bool IsHeldBack(ProbeAnswer answer, ProbeOffer offer, TimeSpan slack) =>
        IsLater(answer, answer.Claimed, Stretch, slack) || IsLater(answer, OfSpeed(answer, offer), answer.Claimed is null ? Stretch : StretchOfOffer, slack);

    private static bool IsLater(ProbeAnswer answer, (TimeSpan First, TimeSpan Last)? claimed, double stretch, TimeSpan slack) =>
        claimed is { } times && (answer.First > (times.First * stretch) + slack || answer.Last > (times.Last * stretch) + slack);

    /// <summary>By the speed that it offers itself with; null: it does not.</summary>
    private static (TimeSpan First, TimeSpan Last)? OfSpeed(ProbeAnswer answer, ProbeOffer offer) =>
        offer is { ClaimedTokensPerSecond: > 0, ClaimedTtft.Ticks: > 0 }
            ? (offer.ClaimedTtft, offer.ClaimedTtft + TimeSpan.FromSeconds(answer.CountedTokens / offer.ClaimedTokensPerSecond))
            : null;
}
