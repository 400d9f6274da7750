namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>
/// What a key may spend in each window of one kind. Written only under the lock of the account, which holds and settlements take too.
/// </summary>
internal sealed class SpendCapRow
{
    public required string KeyId { get; init; }

    public ApiKeyRow? Key { get; init; }

    /// <summary>One of <see cref="Keys.SpendWindows"/>.</summary>
    public required string Period { get; init; }

    /// <summary>The key's account.</summary>
    public required string AccountId { get; init; }

    /// <summary>Nano-dollars.</summary>
    public required long Amount { get; init; }

    /// <summary>Nano-dollars that the key's settled requests have cost since <see cref="Began"/>.</summary>
    public long Spent { get; init; }

    /// <summary>The beginning of the window that <see cref="Spent"/> is of; an earlier window's spending counts no more.</summary>
    public DateTimeOffset Began { get; init; }
}
