using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Admission;

/// <summary>What an admitted request has taken from its account and its key; given back to <see cref="AdmissionGate.ReleaseAsync"/>.</summary>
/// <param name="Account">The account's limits at admission.</param>
/// <param name="Key">The key's own.</param>
/// <param name="ReservedTokens">As asked for; a bucket smaller than that gave all it could hold.</param>
internal sealed record AdmissionTicket(string RequestId, string AccountId, string KeyId, KeyLimits Account, KeyLimits Key, long ReservedTokens)
{
    /// <summary>Counts among the running requests until it is released.</summary>
    public bool IsCounted => Account.ParallelRequests > 0 || Key.ParallelRequests > 0;

    /// <summary>What flows back into a bucket when so many were used; negative: what is taken beyond the reservation.</summary>
    public long Back(KeyLimits limits, long? usedTokens) =>
        limits.TokensPerMinute > 0 && usedTokens is { } used ? Math.Min(ReservedTokens, limits.TokensPerMinute) - used : 0;
}
