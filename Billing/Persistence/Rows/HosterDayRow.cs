namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>What a hoster's nodes were settled for on one day (UTC): what its standing is made of.</summary>
internal sealed class HosterDayRow
{
    public required string HosterId { get; init; }

    public required DateOnly Day { get; init; }

    /// <summary>Settled requests of others.</summary>
    public required long Requests { get; init; }

    /// <summary>Those of them that its node failed after content had left.</summary>
    public required long Failures { get; init; }

    /// <summary>Settled requests of consumers that pay from where the hoster is paid, or pays: they count for nothing.</summary>
    public required long OwnRequests { get; init; }

    /// <summary>Nano-dollars credited to escrow by settlements, its own traffic's too.</summary>
    public required long Earned { get; init; }
}
