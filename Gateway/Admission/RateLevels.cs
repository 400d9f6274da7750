namespace ComputeShare.Gateway.Admission;

/// <summary>What is left of a caller's rate limits; null where there is none.</summary>
internal sealed record RateLevels(RateLevel? Requests, RateLevel? Tokens);

/// <param name="Limit">Per minute.</param>
/// <param name="Remaining">What could be used at once.</param>
/// <param name="Reset">Until the whole limit is there again, if nothing is used.</param>
internal sealed record RateLevel(long Limit, long Remaining, TimeSpan Reset);
