namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>A request that came with an <c>Idempotency-Key</c>: who works on it, and then what it was answered.</summary>
internal sealed class IdempotentRequestRow
{
    public required string AccountId { get; init; }

    public AccountRow? Account { get; init; }

    public required string IdempotencyKey { get; init; }

    /// <summary>SHA-256 of what was asked.</summary>
    public required byte[] BodyHash { get; init; }

    public required Guid RequestId { get; init; }

    /// <summary>Grows when a retry takes the request over from a gateway that fell silent.</summary>
    public required long OwnerEpoch { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>When the owner last spoke of the request.</summary>
    public DateTimeOffset ReportedAt { get; init; }

    /// <summary>Null while it is in flight.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Encrypted by the gateways; null while in flight, and for an answer that was not kept.</summary>
    public byte[]? Answer { get; init; }
}
