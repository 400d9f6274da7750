using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Pricing;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Settlement;

/// <summary>
/// A checked settlement. The amount is the exact one; what the account can pay of it is decided under its lock. One from the reaper
/// holds only if no gateway has spoken of the request in the meantime.
/// </summary>
internal sealed record SettleCommand(
    Guid RequestId,
    string AccountId,
    string Kind,
    IReadOnlyList<PricedShare> Shares,
    Money Amount,
    GenerationRecord Record,
    uint OwnerEpoch,
    bool FromReaper)
{
    public long PromptTokens => Shares.Sum(share => (long)share.Share.PromptTokens);

    public long CachedTokens => Shares.Sum(share => (long)share.Share.CachedTokens);

    public long CompletionTokens => Shares.Sum(share => (long)share.Share.CompletionTokens);

    public bool IsCorrection => Kind != TransactionKinds.Settle;
}
