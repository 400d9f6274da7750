namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>What a request used and cost: <c>GET /v1/generations</c>.</summary>
internal sealed class GenerationRow
{
    public required Guid RequestId { get; init; }

    public required string AccountId { get; init; }

    /// <summary>The number of the wire's GenerationStatus.</summary>
    public required int Status { get; init; }

    /// <summary>The wire's GenerationRecord in its JSON form: a field that the wire gains is kept without a new schema.</summary>
    public required string Record { get; init; }

    /// <summary>As <see cref="Generations.StoredShares"/> writes them.</summary>
    public required string Shares { get; init; }

    /// <summary>Nano-dollars that the consumer paid.</summary>
    public required long Amount { get; init; }

    public DateTimeOffset SettledAt { get; init; }

    /// <summary>Copies of what <see cref="Record"/> and <see cref="Shares"/> say, to add up by: <c>GET /v1/usage</c>.</summary>
    public string KeyId { get; init; } = "";

    public string Model { get; init; } = "";

    public long PromptTokens { get; init; }

    public long CachedTokens { get; init; }

    public long CompletionTokens { get; init; }

    /// <summary>What a gateway said after the reaper had settled: no money moves for it, an operator may want to know.</summary>
    public string? LateShares { get; init; }
}
