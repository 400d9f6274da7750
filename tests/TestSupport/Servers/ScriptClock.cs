using System.Globalization;

namespace ComputeShare.TestSupport.Servers;

/// <summary>Runs our Lua scripts at a time of a test's choice: what they do then can be told exactly.</summary>
public static class ScriptClock
{
    private const string AsksTheTime = "redis.call('TIME')";

    /// <summary>Lies in the future: what a script lets expire at its own time, Redis does not remove before the test is over.</summary>
    public const long Start = 4_000_000_000_000;

    /// <summary>The script as it runs when Redis' clock shows so many milliseconds.</summary>
    public static string At(string script, long milliseconds)
    {
        var parts = script.Split(AsksTheTime);
        return parts.Length == 2
            ? string.Create(CultureInfo.InvariantCulture, $"{parts[0]}{{ {milliseconds / 1000}, {milliseconds % 1000 * 1000} }}{parts[1]}")
            : throw new ArgumentException("The script does not ask for the time once.", nameof(script));
    }
}
