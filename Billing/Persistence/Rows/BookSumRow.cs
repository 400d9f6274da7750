namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>What a hoster or the platform has in a book, up to the moment that <see cref="RollUpRow"/> says; the rest is in the entries.</summary>
internal sealed class BookSumRow
{
    public required string AccountId { get; init; }

    /// <summary>One of <see cref="Ledger.Books"/>.</summary>
    public required string Book { get; init; }

    /// <summary>Nano-dollars.</summary>
    public required long Amount { get; init; }
}
