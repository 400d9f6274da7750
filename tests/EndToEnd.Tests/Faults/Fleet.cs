namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>
/// Three gateways, two schedulers and twenty nodes, of which some refuse, break off or stall, as processes; accounts of its own, so that
/// one can be greedy.
/// </summary>
public sealed class Fleet() : Cluster(new ClusterShape
{
    Gateways = 3,
    Billings = 1,
    Nodes = 20,
    StartTogether = 4,
    GatewaySettings = new Dictionary<string, string>
    {
        // A node that accepts and never answers is found within a test's time.
        ["Streaming__FirstToken"] = "00:00:04",
        ["Streaming__BetweenTokens"] = "00:00:03",
    },
    NodeSettings = NodeSettings,
})
{
    private readonly List<(string Account, IReadOnlyList<ChatClient> Gateways)> _accounts = [];

    /// <summary>Each with a client per gateway.</summary>
    internal IReadOnlyList<(string Account, IReadOnlyList<ChatClient> Gateways)> Accounts => _accounts;

    internal async Task AddAccountAsync(string name) => _accounts.Add((name, await OpenAccountAsync(name)));

    // Four of twenty are bad, each in its own way, for as long as it runs.
    private static Dictionary<string, string> NodeSettings(int number)
    {
        // Slow enough that two cores serve all slots at once.
        var settings = new Dictionary<string, string> { ["Engine__BuiltIn__TokensPerSecond"] = "4" };
        switch (number)
        {
            case 3:
                settings["Engine__BuiltIn__Faults__Refuse"] = "Busy";
                break;
            case 8:
                settings["Engine__BuiltIn__Faults__FailAfter"] = "0";
                break;
            case 13:
                settings["Engine__BuiltIn__Faults__StallAfter"] = "0";
                break;
            case 18:
                settings["Engine__BuiltIn__Faults__StallAfter"] = "3";
                break;
        }

        return settings;
    }
}
