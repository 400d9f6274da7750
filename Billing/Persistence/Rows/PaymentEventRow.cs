namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>A webhook's event that was taken, so that it is taken once. What it said beside this is not kept.</summary>
internal sealed class PaymentEventRow
{
    public required string Provider { get; init; }

    public required string EventId { get; init; }

    public required string Type { get; init; }

    /// <summary>One of <see cref="Payments.PaymentOutcomes"/>.</summary>
    public required string Outcome { get; init; }

    public string? AccountId { get; init; }

    public DateTimeOffset Received { get; init; }
}
