namespace ComputeShare.Billing.Ledger;

internal static class AccountKinds
{
    public const string Consumer = "consumer";
    public const string Hoster = "hoster";
    public const string Platform = "platform";
}

/// <summary>
/// What an entry is about. The first half is the kind of account that can have it: the database refuses any other. A hoster's earnings
/// wait in escrow until they clear, and lie in <see cref="HosterPayable"/> from a payout's approval until it is paid.
/// </summary>
internal static class Books
{
    public const string ConsumerBalance = AccountKinds.Consumer + ":balance";
    public const string HosterEscrow = AccountKinds.Hoster + ":escrow";
    public const string HosterCleared = AccountKinds.Hoster + ":cleared";
    public const string HosterPayable = AccountKinds.Hoster + ":payable";
    public const string PlatformFee = AccountKinds.Platform + ":fee";

    /// <summary>What a hoster earned and no consumer could pay: only after holds were lost.</summary>
    public const string PlatformLoss = AccountKinds.Platform + ":loss";

    /// <summary>Where credit comes from, so that the ledger sums to zero: below zero by all the credit ever sold.</summary>
    public const string PlatformTopUp = AccountKinds.Platform + ":topup";

    /// <summary>Where paid-out earnings go: above zero by all that ever left.</summary>
    public const string PlatformPayout = AccountKinds.Platform + ":payout";

    /// <summary>What hosters had to give up; an appeal gives it back from here.</summary>
    public const string PlatformForfeit = AccountKinds.Platform + ":forfeit";

    public static readonly string[] All =
    [
        ConsumerBalance, HosterEscrow, HosterCleared, HosterPayable, PlatformFee, PlatformLoss, PlatformTopUp, PlatformPayout, PlatformForfeit,
    ];
}

internal static class TransactionKinds
{
    public const string Settle = "settle";

    /// <summary>Followed by a number: a later charge on a settled request.</summary>
    public const string CorrectionPrefix = "correction-";

    /// <summary>A settlement that came after the reaper's; has no entries.</summary>
    public const string Late = "late";

    public const string TopUp = "topup";

    /// <summary>Followed by a number: money of a top-up that went back to who paid it.</summary>
    public const string RefundPrefix = "refund-";

    /// <summary>The payer's bank took a top-up back, and gave it again.</summary>
    public const string Dispute = "dispute";
    public const string DisputeWon = "dispute-won";

    /// <summary>Earnings leave escrow.</summary>
    public const string Clear = "clear";

    /// <summary>A hoster gives up earnings, and gets them back on appeal: both under the forfeit's id.</summary>
    public const string Forfeit = "forfeit";
    public const string Appeal = "appeal";

    /// <summary>The steps of a payout that move money, under the payout's id.</summary>
    public const string PayoutApproved = "payout-approved";
    public const string PayoutPaid = "payout-paid";
    public const string PayoutFailed = "payout-failed";
    public const string PayoutReturned = "payout-returned";

    public static readonly string[] Plain =
        [Settle, Late, TopUp, Dispute, DisputeWon, Clear, Forfeit, Appeal, PayoutApproved, PayoutPaid, PayoutFailed, PayoutReturned];
}

/// <summary>The platform's one account; a migration makes it.</summary>
internal static class PlatformAccount
{
    public const string Id = "platform";
}
