namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>One business event: (<see cref="RequestId"/>, <see cref="Kind"/>) is its key, so that it is booked once. Append-only.</summary>
internal sealed class LedgerTransactionRow
{
    public required Guid RequestId { get; init; }

    /// <summary>One of <see cref="Ledger.TransactionKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What an operator wrote beside a top-up, such as an invoice's number; null for what the services book.</summary>
    public string? Reference { get; init; }

    public DateTimeOffset Created { get; init; }
}
