using ComputeShare.Billing.Pricing;

namespace ComputeShare.Billing.Holds;

/// <summary>A checked command about the hold of one request.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="OwnerEpoch">Above zero for a keyed request, which a retry may take over.</param>
internal abstract record HoldChange(Guid RequestId, uint OwnerEpoch);

/// <summary>
/// Hold enough for the prompt and <paramref name="Wanted"/> tokens, or for as many as the account can pay, at least
/// <paramref name="Least"/>.
/// </summary>
internal sealed record PlaceHold(
    Guid RequestId, uint OwnerEpoch, uint Seq, string AccountId, string KeyId, Price Price, uint PromptTokens, uint Wanted, uint Least)
    : HoldChange(RequestId, OwnerEpoch);

/// <summary>Give the hold back: nothing was delivered.</summary>
internal sealed record GiveBackHold(Guid RequestId, uint OwnerEpoch) : HoldChange(RequestId, OwnerEpoch);
