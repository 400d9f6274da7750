namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>Where an account's money comes from or goes to: a card's fingerprint, a customer of a payment provider, a name an operator gives.</summary>
internal sealed class PaymentSourceRow
{
    public required string AccountId { get; init; }

    public AccountRow? Account { get; init; }

    /// <summary>The provider's name, a colon, and what it calls the source. Never a card's number.</summary>
    public required string Source { get; init; }

    public DateTimeOffset Created { get; init; }
}
