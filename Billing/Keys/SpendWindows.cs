namespace ComputeShare.Billing.Keys;

/// <summary>How often a spend cap begins anew, in UTC. PostgreSQL's clock and its function <c>spend_window_start</c> say when.</summary>
internal static class SpendWindows
{
    public const string Total = "total";

    // The names that PostgreSQL's date_trunc and intervals know.
    public static readonly string[] All = ["hour", "day", "week", "month", Total];
}
