using System.Globalization;

namespace ComputeShare.Gateway.Admission;

/// <summary><c>x-ratelimit-*</c> as OpenAI names and writes them (WIRE.md 23).</summary>
internal static class RateLimitHeaders
{
    public static void WriteRateLimits(this HttpResponse response, RateLevels levels)
    {
        Write(response.Headers, "requests", levels.Requests);
        Write(response.Headers, "tokens", levels.Tokens);
    }

    /// <summary>Such as <c>12ms</c>, <c>8.64s</c>, <c>6m0s</c> or <c>1h0m30s</c>: the largest unit that is not zero, and all below it.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMilliseconds}ms");
        }

        var seconds = (time.Seconds + (time.Milliseconds / 1000.0)).ToString("0.###", CultureInfo.InvariantCulture) + "s";
        return time.TotalMinutes < 1 ? seconds
            : time.TotalHours < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m{seconds}")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}h{time.Minutes}m{seconds}");
    }

    private static void Write(IHeaderDictionary headers, string kind, RateLevel? level)
    {
        if (level is not null)
        {
            headers[$"x-ratelimit-limit-{kind}"] = level.Limit.ToString(CultureInfo.InvariantCulture);
            headers[$"x-ratelimit-remaining-{kind}"] = level.Remaining.ToString(CultureInfo.InvariantCulture);
            headers[$"x-ratelimit-reset-{kind}"] = Duration(level.Reset);
        }
    }
}
