using System.Globalization;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Keys;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Hosters;

/// <summary>The parameters of <c>/v1/hosters/earnings</c>: <c>from</c> and <c>to</c>, days of UTC, both included, and <c>group_by</c>.</summary>
internal static class EarningsQuery
{
    private const int DefaultDays = 30;
    private const int MostDays = 366;

    private static readonly string[] Groups = ["model", "day", "node"];

    private static readonly string[] DefaultGroups = ["model", "day"];

    /// <exception cref="RequestRefusedException">A parameter is wrong.</exception>
    public static GetEarningsRequest Read(IQueryCollection query, string accountId, DateTimeOffset now)
    {
        var to = ReadDay(query, "to") ?? DateOnly.FromDateTime(now.UtcDateTime);
        var from = ReadDay(query, "from") ?? to.AddDays(1 - DefaultDays);
        if (from > to || to.DayNumber - from.DayNumber >= MostDays)
        {
            throw RequestRefusedException.For("from", $"it must not be after to, and the days must be at most {MostDays}");
        }

        var groups = QueryFields.ReadSome(query, "group_by", Groups, DefaultGroups);
        return new GetEarningsRequest
        {
            AccountId = accountId,
            From = Milliseconds(from),
            To = Milliseconds(to.AddDays(1)),
            ByModel = groups.Contains("model"),
            ByDay = groups.Contains("day"),
            ByNode = groups.Contains("node"),
        };
    }

    private static DateOnly? ReadDay(IQueryCollection query, string param)
    {
        var text = query[param].ToString();
        return text.Length == 0 ? null
            : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and < 2100 ? day
            : throw RequestRefusedException.For(param, "it must be a day such as 2026-11-25");
    }

    private static long Milliseconds(DateOnly day) => new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();
}
