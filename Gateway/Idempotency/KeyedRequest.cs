using ComputeShare.Contracts;

namespace ComputeShare.Gateway.Idempotency;

/// <summary>A request with an Idempotency-Key that this gateway works on.</summary>
/// <param name="AccountId">Whose it is; keys are per account.</param>
/// <param name="Key">As the caller wrote it; never logged.</param>
/// <param name="Id">The request's own id, or the one that it took over.</param>
/// <param name="OwnerEpoch">What every command about it carries: Billing rejects those of an owner that lost it.</param>
internal sealed record KeyedRequest(string AccountId, string Key, RequestId Id, uint OwnerEpoch)
{
    // A record's generated text would print the key.
    public override string ToString() => Id.Value;
}
