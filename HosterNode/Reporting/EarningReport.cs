using System.Globalization;
using System.Text.Json;
using ComputeShare.HosterNode.Engines.OpenAI;

namespace ComputeShare.HosterNode.Reporting;

/// <summary>Reads <c>GET /v1/hosters/earnings?group_by=day</c>, which is about the last thirty days.</summary>
internal static class EarningReport
{
    /// <returns>Null: it is none.</returns>
    public static EarningStatus? Read(JsonElement report, DateOnly today)
    {
        var day = today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var ofToday = report.Get("data").Items().FirstOrDefault(row => row.Get("day").Text() == day);
        return Dollars(report) is { } recent ? new EarningStatus(Dollars(ofToday) ?? "0", recent) : null;
    }

    // As it was written: money is not computed with here.
    private static string? Dollars(JsonElement row) => row.Get("earned_usd").Text() is var text
        && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? text : null;
}
