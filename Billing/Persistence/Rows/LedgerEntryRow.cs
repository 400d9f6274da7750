namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>One side of a transaction, whose entries sum to zero. Append-only.</summary>
internal sealed class LedgerEntryRow
{
    public required long TransactionId { get; init; }

    public LedgerTransactionRow? Transaction { get; init; }

    public required short Position { get; init; }

    public required string AccountId { get; init; }

    /// <summary>One of <see cref="Ledger.Books"/>; its first half is the account's kind.</summary>
    public required string Book { get; init; }

    /// <summary>Nano-dollars: what the account gains, below zero what it gives. Never zero.</summary>
    public required long Amount { get; init; }
}
