namespace ComputeShare.Gateway.Probes;

/// <summary>Whether tokens arrive when the node says that it had them. Who is slow and says so is slow, and scored as such.</summary>
internal static class ProbeTiming
{
    // Clocks, networks and a busy gateway stretch what is long, too.
    private const double Stretch = 1.5;

    public static bool IsHeldBack(ProbeAnswer answer, ProbeOffer offer, TimeSpan slack) =>
        (answer.Claimed ?? OfSpeed(answer, offer)) is { } claimed
        && (answer.First > (claimed.First * Stretch) + slack || answer.Last > (claimed.Last * Stretch) + slack);

    /// <summary>By the speed that it offers itself with; null: it does not.</summary>
    private static (TimeSpan First, TimeSpan Last)? OfSpeed(ProbeAnswer answer, ProbeOffer offer) =>
        offer is { ClaimedTokensPerSecond: > 0, ClaimedTtft.Ticks: > 0 }
            ? (offer.ClaimedTtft, offer.ClaimedTtft + TimeSpan.FromSeconds(answer.CountedTokens / offer.ClaimedTokensPerSecond))
            : null;
}
