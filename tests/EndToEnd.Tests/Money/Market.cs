using System.Globalization;
using System.Net.Http.Json;

namespace ComputeShare.EndToEnd.Tests.Money;

/// <summary>One of each service and five nodes of one price, of which four lie about their tokens.</summary>
internal sealed class Market(int tokens, int strikes) : Cluster(new ClusterShape
{
    Gateways = 1,
    Schedulers = 1,
    Billings = 1,
    Nodes = 5,
    StartTogether = 4,
    IsTraced = false,
    GatewaySettings = new Dictionary<string, string> { ["Metering__ReportEvery"] = "00:00:00.2" },
    BillingSettings = new Dictionary<string, string>
    {
        ["Counting__Tokens"] = tokens.ToString(CultureInfo.InvariantCulture),
        ["Counting__Strikes"] = strikes.ToString(CultureInfo.InvariantCulture),
    },
    // Found, not shunned: each is to go on until it is barred.
    SchedulerSettings = new Dictionary<string, string> { ["Scores__Counts"] = "0" },
    NodeSettings = NodeSettings,
})
{
    public const long InputPrice = 50_000_000;
    public const long OutputPrice = 200_000_000;

    private const string FaultSection = "Engine__BuiltIn__Faults__";

    /// <summary>Enough for every verdict, several times over.</summary>
    public int MostWaves => 20 + (tokens * strikes / 100);

    /// <summary>An answer with what the Scheduler made of the nodes.</summary>
    public async Task<string> ExplainAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = Clients[0].Gateway };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(ChatClient.Body(1, stream: false)) };
        request.Headers.Authorization = new("Bearer", Clients[0].Key);
        request.Headers.Add("x-computeshare-explain", "1");
        using var response = await http.SendAsync(request, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    private static Dictionary<string, string> NodeSettings(int number)
    {
        var settings = new Dictionary<string, string>
        {
            ["Node__Prices__Input"] = InputPrice.ToString(CultureInfo.InvariantCulture),
            ["Node__Prices__CachedInput"] = InputPrice.ToString(CultureInfo.InvariantCulture),
            ["Node__Prices__Output"] = OutputPrice.ToString(CultureInfo.InvariantCulture),
            ["Engine__BuiltIn__TokensPerSecond"] = "100000",
        };
        if (Lies(number) is var (fault, value))
        {
            settings[FaultSection + fault] = value;
        }

        return settings;
    }

    private static (string Fault, string Value)? Lies(int number) => number switch
    {
        2 => ("UsageFactor", "1.01"),
        3 => ("UsageFactor", "1.1"),
        4 => ("UsageFactor", "11"),
        5 => ("SplitsText", "true"),
        _ => null,
    };
}
