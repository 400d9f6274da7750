using ComputeShare.HosterNode.Control;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.HosterNode.Tests.Control;

public sealed class ScheduleTests
{
    // Half of Europe's: summer time from the last Sunday of March, 02:00, to the last of October, 03:00.
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.CreateCustomTimeZone(
        "Test/Berlin", TimeSpan.FromHours(1), "Berlin", "Berlin", "Berlin summer",
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                DateTime.MinValue.Date,
                DateTime.MaxValue.Date,
                TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
        ]);

    [Theory]
    [InlineData("22:00-08:00", "22:00-08:00")]
    [InlineData(" 9:30 - 12:00 , 22:00-24:00", "09:30-12:00,22:00-24:00")]
    [InlineData("00:00-24:00", "00:00-24:00")]
    [InlineData("off", "off")]
    [InlineData("", "off")]
    public void TryParse_WindowsOfTheDay_AreShownAlike(string text, string shown) => Assert.Equal(shown, Schedule.TryParse(text)?.ToString());

    [Theory]
    [InlineData("22:00")]
    [InlineData("25:00-08:00")]
    [InlineData("22:60-08:00")]
    [InlineData("24:00-08:00")]
    [InlineData("08:00-24:01")]
    [InlineData("08:00-08:00")]
    [InlineData("22:00-08:00,")]
    [InlineData("nights")]
    public void TryParse_AnythingElse_IsNone(string text) => Assert.Null(Schedule.TryParse(text));

    [Theory]
    [InlineData("22:00-08:00", "2026-11-26T21:59:59Z", false)]
    [InlineData("22:00-08:00", "2026-11-26T22:00:00Z", true)]
    [InlineData("22:00-08:00", "2026-11-27T00:00:00Z", true)]
    [InlineData("22:00-08:00", "2026-11-27T07:59:59Z", true)]
    [InlineData("22:00-08:00", "2026-11-27T08:00:00Z", false)]
    [InlineData("09:00-12:00,13:00-24:00", "2026-11-26T12:30:00Z", false)]
    [InlineData("09:00-12:00,13:00-24:00", "2026-11-26T23:59:59Z", true)]
    [InlineData("09:00-12:00,13:00-24:00", "2026-11-27T00:00:00Z", false)]
    [InlineData("00:00-24:00", "2026-11-26T17:00:00Z", true)]
    [InlineData("off", "2026-11-26T17:00:00Z", true)]
    public void IsOpen_WithinAWindow_AlsoOverMidnight(string windows, string now, bool isOpen) =>
        Assert.Equal(isOpen, Schedule.TryParse(windows)!.IsOpen(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    // In spring the clock jumps from 02:00 to 03:00: the window loses the hour that there is not.
    [InlineData("02:00-03:00", "2026-03-29T00:59:59Z", false)]
    [InlineData("02:00-03:00", "2026-03-29T01:00:00Z", false)]
    [InlineData("22:00-08:00", "2026-03-29T05:59:59Z", true)]
    [InlineData("22:00-08:00", "2026-03-29T06:00:00Z", false)]
    // In autumn the hour from 02:00 comes twice.
    [InlineData("02:00-03:00", "2026-10-25T00:00:00Z", true)]
    [InlineData("02:00-03:00", "2026-10-25T01:30:00Z", true)]
    [InlineData("02:00-03:00", "2026-10-25T02:00:00Z", false)]
    [InlineData("22:00-08:00", "2026-10-25T06:59:59Z", true)]
    [InlineData("22:00-08:00", "2026-10-25T07:00:00Z", false)]
    public void IsOpen_InTheNightInWhichSummerTimeChanges_GoesByTheClockOnTheWall(string windows, string now, bool isOpen)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));
        clock.SetLocalTimeZone(Berlin);

        Assert.Equal(isOpen, Schedule.TryParse(windows)!.IsOpen(clock.GetLocalNow()));
    }
}
