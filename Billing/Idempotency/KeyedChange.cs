namespace ComputeShare.Billing.Idempotency;

/// <summary>A checked command about a request with an Idempotency-Key.</summary>
internal abstract record KeyedChange(string AccountId, string Key, Guid RequestId);

/// <summary>Is it the first with this key?</summary>
internal sealed record BeginKeyed(string AccountId, string Key, Guid RequestId, byte[] BodyHash) : KeyedChange(AccountId, Key, RequestId);

/// <summary>It has ended, with this answer.</summary>
/// <param name="Answer">Null: not kept.</param>
/// <param name="Forget">The key is free again.</param>
internal sealed record FinishKeyed(string AccountId, string Key, Guid RequestId, long OwnerEpoch, byte[]? Answer, bool Forget)
    : KeyedChange(AccountId, Key, RequestId);
