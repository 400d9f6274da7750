namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>Money set aside for an open request, and what its gateway last said of it.</summary>
internal sealed class HoldRow
{
    public required Guid RequestId { get; init; }

    public required string AccountId { get; init; }

    public required long Seq { get; init; }

    /// <summary>Who may speak for it: above zero for a keyed request.</summary>
    public long OwnerEpoch { get; init; }

    /// <summary>Nano-dollars.</summary>
    public required long Amount { get; init; }

    public required string PriceId { get; init; }

    public required string KeyId { get; init; }

    public required long PromptTokens { get; init; }

    /// <summary>The completion tokens that <see cref="Amount"/> covers.</summary>
    public required long CompletionTokens { get; init; }

    /// <summary>When a gateway last spoke of the request, by a hold or a checkpoint.</summary>
    public DateTimeOffset ReportedAt { get; init; }

    /// <summary>The last checkpoint's shares, as <see cref="Generations.StoredShares"/> writes them; null before the first.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Completion tokens of the checkpoint: an older checkpoint that comes late has fewer, and is passed over.</summary>
    public long CheckpointTokens { get; init; }
}
