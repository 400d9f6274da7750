namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>What a node asks for a model, in nano-dollars per million tokens. Only <see cref="ValidTo"/> ever changes.</summary>
internal sealed class PriceRow
{
    public required string Id { get; init; }

    public required string NodeId { get; init; }

    public NodeRow? Node { get; init; }

    public required string ModelId { get; init; }

    public required long Input { get; init; }

    public required long CachedInput { get; init; }

    public required long Output { get; init; }

    /// <summary>May be ahead: no lease has it before.</summary>
    public DateTimeOffset ValidFrom { get; init; }

    /// <summary>
    /// Null: until further notice. Not after <see cref="ValidFrom"/>: it was set ahead and taken back. Requests that hold it already are
    /// settled at it all the same.
    /// </summary>
    public DateTimeOffset? ValidTo { get; set; }
}
