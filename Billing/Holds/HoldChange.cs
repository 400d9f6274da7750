using ComputeShare.Billing.Pricing;

namespace ComputeShare.Billing.Holds;

/// <summary>A checked command about the hold of one request.</summary>
internal abstract record HoldChange(Guid RequestId);

/// <summary>
/// Hold enough for the prompt and <paramref name="Wanted"/> tokens, or for as many as the account can pay, at least
/// <paramref name="Least"/>.
/// </summary>
internal sealed record PlaceHold(
    Guid RequestId, uint Seq, string AccountId, string KeyId, Price Price, uint PromptTokens, uint Wanted, uint Least)
    : HoldChange(RequestId);

/// <summary>Give the hold back: nothing was delivered.</summary>
internal sealed record GiveBackHold(Guid RequestId) : HoldChange(RequestId);
