namespace ComputeShare.Billing.Payouts;

/// <summary>proposed → approved → paid → returned; failed instead of paid.</summary>
internal static class PayoutStates
{
    public const string Proposed = "proposed";
    public const string Approved = "approved";
    public const string Paid = "paid";

    /// <summary>It never left; the money is the hoster's to be paid out again.</summary>
    public const string Failed = "failed";

    /// <summary>It had left and came back.</summary>
    public const string Returned = "returned";

    public static readonly string[] All = [Proposed, Approved, Paid, Failed, Returned];
}
