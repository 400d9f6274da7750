using System.Globalization;
using System.Text.RegularExpressions;
using ComputeShare.Contracts;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.EndToEnd.Tests.Money;

/// <summary>One of each service, one node of a hoster who is trusted, and a gateway that probes all others without a rest.</summary>
internal sealed partial class ProbedCluster(string key) : Cluster(new ClusterShape
{
    Gateways = 1,
    Schedulers = 1,
    Billings = 1,
    Nodes = 1,
    IsTraced = false,
    Key = key,
    GatewaySettings = new Dictionary<string, string>
    {
        ["Probes__ApiKey"] = key,
        ["Probes__References__0"] = "demo-hoster",
        ["Probes__PerDay"] = "100000",
        ["Probes__ThinkTime"] = "00:00:00",
        ["Probes__MostTokens"] = "64",
    },
    BillingSettings = new Dictionary<string, string> { ["Probing__Probes"] = "8", ["Probing__Strikes"] = "2" },
    NodeSettings = _ => Fast,
})
{
    private static readonly Dictionary<string, string> Fast = new() { ["Engine__BuiltIn__TokensPerSecond"] = "100000" };

    public ProbedCluster()
        : this(ApiKey.Create(ApiKey.ConsumerPrefix))
    {
    }

    /// <summary>A new hoster's node, named as the hoster is.</summary>
    /// <param name="model">Path of what it serves as the small model.</param>
    public async Task<Replica> JoinAsync(string hoster, int number, string model, CancellationToken cancellationToken)
    {
        var hosterKey = KeyText().Match(await AdministerAsync("admin", "hoster", "create", hoster)).Value;
        var ports = LoopbackPorts.TakeKept(2);
        var settings = ClusterSettings.Common("", isProduction: false)
            .With(ClusterSettings.Node(number, hosterKey, [Clients[0].Gateway.ToString()]))
            .With(Fast)
            .With(new Dictionary<string, string>
            {
                ["Node__Id"] = hoster,
                ["Engine__BuiltIn__ModelPath"] = model,
                ["Ports__Internal"] = ports[0].ToString(CultureInfo.InvariantCulture),
                ["Ports__Health"] = ports[1].ToString(CultureInfo.InvariantCulture),
            });
        var node = new Replica("HosterNode", hoster, ports[1], settings);
        node.Start();
        await node.WaitUntilHealthyAsync(cancellationToken);
        return node;
    }

    [GeneratedRegex("ngh_[A-Za-z0-9]+")]
    private static partial Regex KeyText();
}
