using System.Globalization;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.TestSupport.Processes;
using StackExchange.Redis;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>What the schedulers know of the nodes: their states and leases, read where all replicas share them.</summary>
internal sealed class NodeStates(string redis) : IAsyncDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _redis = new(() => ConnectionMultiplexer.ConnectAsync(redis));

    /// <param name="Id">As configured.</param>
    /// <param name="Incarnation">Another one after each start.</param>
    /// <param name="Running">Leases that the node itself says it works on.</param>
    /// <param name="Leased">Slots that are taken at the schedulers.</param>
    /// <param name="Sequence">Of its newest state.</param>
    internal sealed record Node(string Id, string Incarnation, int Running, long Leased, bool Draining, ulong Sequence);

    public async Task WaitForAsync(string condition, Func<IReadOnlyList<Node>, bool> holds, TimeSpan limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<Node> last = [];
        try
        {
            await Poll.UntilAsync(condition, async () => holds(last = await ReadAsync()), limit, cancellationToken);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message} The nodes: {string.Join(", ", last)}", late);
        }
    }

    /// <summary>Nodes that are there; empty while Redis is away.</summary>
    public async Task<IReadOnlyList<Node>> ReadAsync()
    {
        var nodes = new List<Node>();
        try
        {
            var multiplexer = await _redis.Value;
            var database = multiplexer.GetDatabase();
            var server = multiplexer.GetServers()[0];
            var now = new DateTimeOffset(await server.TimeAsync(), TimeSpan.Zero).ToUnixTimeMilliseconds();
            await foreach (var key in server.KeysAsync(pattern: "{n:*}:state"))
            {
                byte[]? report = await database.HashGetAsync(key, "report");
                if (report is null || SchedulerCommand.Parser.ParseFrom(report).NodeReport?.State is not { } state)
                {
                    continue;
                }

                var leases = string.Create(CultureInfo.InvariantCulture, $"{{n:{state.NodeId}}}:leases");
                var leased = await database.SortedSetLengthAsync(leases, now, double.PositiveInfinity);
                nodes.Add(new Node(state.NodeId, state.Incarnation, state.RunningLeaseIds.Count, leased, state.Draining, state.Sequence));
            }
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            return [];
        }

        return nodes;
    }

    /// <summary>Internal ports of the gateways at which tunnels of each node end.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ReadRoutesAsync(IReadOnlyList<string> nodes)
    {
        var database = (await _redis.Value).GetDatabase();
        var routes = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var node in nodes)
        {
            var found = await database.SortedSetRangeByRankAsync($"{{n:{node}}}:routes");
            routes[node] = [.. found.Select(route => ((string)route!).Split(' ')[1]).Distinct()];
        }

        return routes;
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis.IsValueCreated)
        {
            await (await _redis.Value).DisposeAsync();
        }
    }
}
