namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>
/// Who pays or earns. <see cref="Balance"/> and <see cref="Held"/> are kept for consumers only; what hosters and the platform have is
/// the sum of their ledger entries.
/// </summary>
internal sealed class AccountRow
{
    public required string Id { get; init; }

    /// <summary>One of <see cref="Ledger.AccountKinds"/>.</summary>
    public required string Kind { get; init; }

    public required string Name { get; init; }

    /// <summary>Nano-dollars: the sum of the account's ledger entries, changed in the same transaction as they.</summary>
    public long Balance { get; init; }

    /// <summary>Nano-dollars: the sum of the account's holds.</summary>
    public long Held { get; init; }

    /// <summary>Grows at every change of the account's keys or limits.</summary>
    public long KeyVersion { get; set; } = 1;

    /// <summary>Limits; 0 = none.</summary>
    public int ParallelRequests { get; set; }

    public int RequestsPerMinute { get; set; }

    public int TokensPerMinute { get; set; }

    /// <summary>How <c>auto</c> chooses for this account; empty = the default.</summary>
    public string Policy { get; set; } = "";

    public DateTimeOffset Created { get; init; }
}
