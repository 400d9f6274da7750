using ComputeShare.Billing.Escrow;

namespace ComputeShare.Billing.Hosters;

/// <summary>A hoster's days up to now: those that are rolled up, and what was booked since.</summary>
internal static class HosterDays
{
    /// <summary>A query of <see cref="HosterDaySql.Columns"/>; several rows may be of one day, node and model. $1 hoster.</summary>
    public static readonly string OfHoster = $"""
        SELECT {HosterDaySql.Columns} FROM hoster_days WHERE hoster_id = $1
        UNION ALL
        SELECT {HosterDaySql.Columns} FROM ({HosterDaySql.BookedSince("true")}) AS recent WHERE hoster_id = $1
        """;
}
