namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>One side of a transaction, whose entries sum to zero. Append-only.</summary>
internal sealed class LedgerEntryRow
{
    /// <summary>With <see cref="Kind"/> the transaction's key.</summary>
    public required Guid RequestId { get; init; }

    public required string Kind { get; init; }

    /// <summary>0, 1, 2 … in each transaction, without a gap.</summary>
    public required short Position { get; init; }

    public required string AccountId { get; init; }

    /// <summary>One of <see cref="Ledger.Books"/>; its first half is the account's kind.</summary>
    public required string Book { get; init; }

    /// <summary>Nano-dollars: what the account gains, below zero what it gives. Never zero.</summary>
    public required long Amount { get; init; }
}
