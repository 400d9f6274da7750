namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>Cleared earnings on their way to a hoster. Its id is the key of its ledger transactions.</summary>
internal sealed class PayoutRow
{
    public required Guid Id { get; init; }

    /// <summary>Those proposed together.</summary>
    public required string Batch { get; init; }

    public required string HosterId { get; init; }

    public AccountRow? Hoster { get; init; }

    /// <summary>Nano-dollars.</summary>
    public required long Amount { get; init; }

    /// <summary>One of <see cref="Payouts.PayoutStates"/>.</summary>
    public required string State { get; init; }

    /// <summary>What the bank or provider calls it; empty until it is paid.</summary>
    public string Reference { get; init; } = "";

    /// <summary>Why it failed or came back.</summary>
    public string Reason { get; init; } = "";

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Approved { get; init; }

    /// <summary>When it was paid, or failed, or came back.</summary>
    public DateTimeOffset? Ended { get; init; }
}
