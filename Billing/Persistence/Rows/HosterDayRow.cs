namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>What one node of a hoster did of one model on one day (UTC): what the hoster's standing and its earnings are told from.</summary>
internal sealed class HosterDayRow
{
    public required string HosterId { get; init; }

    public required DateOnly Day { get; init; }

    /// <summary>Empty: from before nodes and models were told apart.</summary>
    public string NodeId { get; init; } = "";

    public string Model { get; init; } = "";

    /// <summary>Settled requests of others.</summary>
    public required long Requests { get; init; }

    /// <summary>Those of them that the node failed after content had left.</summary>
    public required long Failures { get; init; }

    /// <summary>Attempts of others' requests that the node failed before any content: it was not settled for them.</summary>
    public long FailedAttempts { get; init; }

    /// <summary>Settled requests of consumers that pay from where the hoster is paid, or pays: they count for nothing.</summary>
    public required long OwnRequests { get; init; }

    /// <summary>Of all settled requests; without the cached ones.</summary>
    public long PromptTokens { get; init; }

    public long CachedTokens { get; init; }

    public long CompletionTokens { get; init; }

    /// <summary>Nano-dollars credited to escrow by settlements, its own traffic's too.</summary>
    public required long Earned { get; init; }

    /// <summary>Nano-dollars that corrections booked to escrow on this day, whenever the request was settled: below zero for refunds.</summary>
    public long Corrected { get; init; }
}
