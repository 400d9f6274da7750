using System.Globalization;
using System.Text.Json.Nodes;
using ComputeShare.Benchmarks.Simulation;

namespace ComputeShare.Benchmarks.Placement;

/// <summary>
/// What one decision costs, by the number of live nodes: in an empty market, and in a busy one, where most of the best nodes are full and
/// each decision is followed by a slot that becomes free somewhere.
/// </summary>
internal sealed class PlacementBenchmark : IBenchmark
{
    private const int Rounds = 7;
    private const int DecisionsPerRound = 20_000;
    private const double BusyShare = 0.7;

    private static readonly int[] LiveNodes = [100, 1_000, 10_000, 100_000];

    // Of the model that most nodes serve; it opens a conversation.
    private static readonly SimulatedRequest Request = new(0, 0, 0, 1, 0, 0, 500, 900, GoesOn: false);

    public string Name => "placement";

    public string Description => "the cost of a decision with 100 to 100,000 live nodes";

    public async Task<JsonObject> RunAsync(TextWriter table)
    {
        await table.WriteLineAsync($"microseconds per decision; medians of {Rounds} rounds of {DecisionsPerRound:N0}; busy: {BusyShare:0%} of the slots are taken");
        await table.WriteLineAsync("  nodes  of the model   empty    busy");
        var figures = new JsonObject();
        foreach (var count in LiveNodes)
        {
            var market = new Market(count);
            var empty = Median.Of(market.Measure(Rounds, _ => { }));
            market.Fill(BusyShare);
            var busy = Median.Of(market.Measure(Rounds, market.TakeAndFree));
            figures[count.ToString(CultureInfo.InvariantCulture)] = new JsonObject
            {
                ["nodes_of_model"] = market.OfModel,
                ["empty_us"] = Math.Round(empty, 2),
                ["busy_us"] = Math.Round(busy, 2),
            };
            await table.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{count,7:N0}  {market.OfModel,12:N0}  {empty,6:0.0}  {busy,6:0.0}"));
        }

        return figures;
    }

    private sealed class Market
    {
        private readonly Random _random = new(7);
        private readonly VirtualClock _clock = new();
        private readonly SimulatedNode[] _nodes;
        private readonly ProductionStrategy _strategy;
        private readonly List<SimulatedNode> _running = [];

        public Market(int nodes)
        {
            _nodes = SimulatedMarket.Build(nodes);
            _strategy = new ProductionStrategy(_nodes, _clock);
        }

        public int OfModel => _nodes.Count(node => node.Model == Request.Model);

        /// <summary>Takes slots one by one, as requests would.</summary>
        public void Fill(double share)
        {
            var wanted = _nodes.Where(node => node.Model == Request.Model).Sum(node => node.Slots) * share;
            while (_running.Count < wanted)
            {
                Take(Choose());
                Pass();
            }
        }

        /// <returns>Microseconds per decision, of each round; the first rounds are for the compiler.</returns>
        public IEnumerable<double> Measure(int rounds, Action<SimulatedNode> then)
        {
            for (var round = -2; round < rounds; round++)
            {
                var before = _strategy.DecidingTime;
                for (var i = 0; i < DecisionsPerRound; i++)
                {
                    then(Choose());
                }

                if (round >= 0)
                {
                    yield return (_strategy.DecidingTime - before).TotalMicroseconds / DecisionsPerRound;
                }
            }
        }

        public void TakeAndFree(SimulatedNode chosen)
        {
            Take(chosen);
            var ended = _random.Next(_running.Count);
            var node = _running[ended];
            _running[ended] = _running[^1];
            _running.RemoveAt(_running.Count - 1);
            node.Busy--;
            _strategy.Freed(node, new AttemptEnd(false, false, node.LatencySeconds, node.TokensPerSecond));
            Pass();
        }

        private SimulatedNode Choose() => _strategy.Choose(Request, []) ?? throw new InvalidOperationException("No node was free.");

        private void Take(SimulatedNode node)
        {
            node.Busy++;
            _strategy.Taken(Request, node);
            _running.Add(node);
        }

        // A thousand requests a second, so that the index is looked after as often as it would be.
        private void Pass()
        {
            var before = _clock.Seconds;
            _clock.Seconds += 0.001;
            if ((int)(before * 4) != (int)(_clock.Seconds * 4))
            {
                _strategy.Tick();
            }

            // As gateways do.
            if ((int)(before / 5) != (int)(_clock.Seconds / 5))
            {
                _running.ForEach(_strategy.Renewed);
            }
        }
    }
}
