using System.Globalization;
using System.Security.Cryptography;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>
/// What the processes of a <see cref="Cluster"/> are started with: as production is, but more impatient, so that a test need not wait for
/// what a production waits for. Keys are as in the environment.
/// </summary>
internal static class ClusterSettings
{
    public static Dictionary<string, string> Common(string secret, bool isProduction) => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = isProduction ? "Production" : "Development",
        ["Services__Secret"] = secret,
        ["Logging__LogLevel__Microsoft"] = "Warning",
        ["Logging__Console__FormatterName"] = "simple",
        ["Logging__Console__FormatterOptions__SingleLine"] = "true",
        ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
    };

    public static Dictionary<string, string> Billing(string database) => new()
    {
        ["ConnectionStrings__billing"] = database,
        // The least that is allowed, so that a test need not wait for the reaper.
        ["Holds__Expiry"] = "00:00:10",
        ["Holds__ReapInterval"] = "00:00:01",
        ["Idempotency__OwnerLife"] = "00:00:03",
    };

    public static Dictionary<string, string> Scheduler(string redis) => new()
    {
        ["ConnectionStrings__redis"] = redis,
        // What a dead gateway or scheduler leaves taken comes back sooner than by default.
        ["Leases__Life"] = "00:00:05",
        // Nodes are killed in one test after the other: each begins with all of them fit to be chosen.
        ["CoolDowns__First"] = "00:00:00.010",
        ["CoolDowns__Longest"] = "00:00:00.010",
        // … and the cheaper one is chosen, whatever an earlier test has shown of it.
        ["Scores__Errors"] = "0",
        ["Scores__TtftPerDoubling"] = "0",
        ["Scores__ThroughputPerDoubling"] = "0",
        ["Scores__Affinity"] = "0",
    };

    public static Dictionary<string, string> Gateway(string redis, string spool, IEnumerable<string> billings, IEnumerable<string> schedulers) =>
        new Dictionary<string, string>
        {
            ["ConnectionStrings__redis"] = redis,
            ["Settlement__SpoolPath"] = spool,
            ["Scheduling__RenewEvery"] = "00:00:01",
            // A replica that is back is found at once.
            ["Sessions__LongestPause"] = "00:00:00.2",
            ["Idempotency__AnswerKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        }.With(Listed("services__billing__http__", billings)).With(Listed("services__scheduler__http__", schedulers));

    /// <param name="number">From 1: each is dearer than the one before.</param>
    public static Dictionary<string, string> Node(int number, string hosterKey, IEnumerable<string> gateways) =>
        new Dictionary<string, string>
        {
            ["Node__Id"] = Text($"node-{number}"),
            ["Node__HosterKey"] = hosterKey,
            ["Node__Transport"] = "direct",
            // A gateway that is back is found at once.
            ["Node__LongestJoinPause"] = "00:00:00.250",
            ["Node__Slots"] = Text($"{ClusterShape.SlotsPerNode}"),
            ["Node__Prices__Input"] = Text($"{50_000_000L * number}"),
            ["Node__Prices__CachedInput"] = Text($"{5_000_000L * number}"),
            ["Node__Prices__Output"] = Text($"{200_000_000L * number}"),
            ["Engine__BuiltIn__Threads"] = "1",
            ["Engine__BuiltIn__TokensPerSecond"] = "25",
        }.With(Listed("Node__Gateways__", gateways));

    /// <summary>These, and where both say something, the others.</summary>
    public static Dictionary<string, string> With(this Dictionary<string, string> settings, IEnumerable<KeyValuePair<string, string>> others)
    {
        foreach (var (name, value) in others)
        {
            settings[name] = value;
        }

        return settings;
    }

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<KeyValuePair<string, string>> Listed(string prefix, IEnumerable<string> values) =>
        values.Select((value, index) => KeyValuePair.Create(Text($"{prefix}{index}"), value));
}
