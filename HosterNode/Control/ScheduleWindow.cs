using System.Globalization;
using System.Text.RegularExpressions;

namespace ComputeShare.HosterNode.Control;

/// <summary>
/// Hours of the day in which the node is offered, by the clock on the owner's wall. One whose end comes first on the dial goes over
/// midnight.
/// </summary>
/// <param name="From">Its first minute of the day.</param>
/// <param name="Until">The first minute after it; 1440 is midnight.</param>
internal readonly partial record struct ScheduleWindow(int From, int Until)
{
    private const int MinutesPerHour = 60;
    private const int MinutesPerDay = 24 * MinutesPerHour;

    /// <summary>Null: it is none, such as <c>25:00-08:00</c> or one that begins where it ends.</summary>
    public static ScheduleWindow? TryParse(string text)
    {
        if (Shape().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var (from, until) = (Minute(match, 1), Minute(match, 3));
        return from < MinutesPerDay && until <= MinutesPerDay && from != until ? new ScheduleWindow(from, until) : null;
    }

    public bool Contains(TimeOnly time)
    {
        var minute = (time.Hour * MinutesPerHour) + time.Minute;
        return From < Until ? minute >= From && minute < Until : minute >= From || minute < Until;
    }

    public override string ToString() => $"{Text(From)}-{Text(Until)}";

    // An hour above 24 or a minute above 59 comes out above the day.
    private static int Minute(Match match, int group)
    {
        var (hour, minute) = (Number(match, group), Number(match, group + 1));
        return minute < MinutesPerHour ? (hour * MinutesPerHour) + minute : int.MaxValue;
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    private static string Text(int minute) =>
        string.Create(CultureInfo.InvariantCulture, $"{minute / MinutesPerHour:00}:{minute % MinutesPerHour:00}");

    [GeneratedRegex(@"^\s*([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})\s*\z")]
    private static partial Regex Shape();
}
