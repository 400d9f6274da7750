namespace ComputeShare.Billing.Ledger;

internal static class AccountKinds
{
    public const string Consumer = "consumer";
    public const string Hoster = "hoster";
    public const string Platform = "platform";
}

/// <summary>
/// What an entry is about. The first half is the kind of account that can have it: the database refuses any other. A hoster's earnings
/// wait in escrow; clearing and payout will be further books.
/// </summary>
internal static class Books
{
    public const string ConsumerBalance = AccountKinds.Consumer + ":balance";
    public const string HosterEscrow = AccountKinds.Hoster + ":escrow";
    public const string PlatformFee = AccountKinds.Platform + ":fee";

    /// <summary>What a hoster earned and no consumer could pay: only after holds were lost.</summary>
    public const string PlatformLoss = AccountKinds.Platform + ":loss";

    /// <summary>Where credit comes from, so that the ledger sums to zero: below zero by all the credit ever sold.</summary>
    public const string PlatformTopUp = AccountKinds.Platform + ":topup";

    public static readonly string[] All = [ConsumerBalance, HosterEscrow, PlatformFee, PlatformLoss, PlatformTopUp];
}

internal static class TransactionKinds
{
    public const string Settle = "settle";

    /// <summary>Followed by a number: a later charge on a settled request.</summary>
    public const string CorrectionPrefix = "correction-";

    /// <summary>A settlement that came after the reaper's; has no entries.</summary>
    public const string Late = "late";

    public const string TopUp = "topup";
}

/// <summary>The platform's one account; a migration makes it.</summary>
internal static class PlatformAccount
{
    public const string Id = "platform";
}
