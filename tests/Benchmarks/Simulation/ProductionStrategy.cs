using System.Diagnostics;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Placement;
using ComputeShare.Scheduler.Queueing;
using Microsoft.Extensions.Options;

namespace ComputeShare.Benchmarks.Simulation;

/// <summary>
/// The Scheduler's own placement, index, measurements and prefix table with their default options. What Redis does in between, slots and
/// cool-downs, the simulation does by the same rules.
/// </summary>
internal sealed class ProductionStrategy : IStrategy
{
    private const int TicksPerSecond = 4;
    private const int SecondsBetweenRescores = 30;
    private const int MostTries = 64;
    private static readonly TimeSpan LeaseLife = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Forever = TimeSpan.FromDays(365);

    private readonly SimulatedNode[] _nodes;
    private readonly Dictionary<string, SimulatedNode> _byId;
    private readonly CoolDownOptions _coolDownOptions = new();
    private readonly SlotViews _slotViews = new(Options.Create(new MeasuringOptions()));
    private readonly CoolDowns _coolDowns = new();
    private readonly Measurements _measurements = new(Options.Create(new MeasuringOptions()));
    private readonly PrefixTable _prefixes = new(Options.Create(new AffinityOptions()));
    private readonly NodeRegistry _registry;
    private readonly PlacementEngine _engine;
    private readonly (int Failures, TimeSpan Until)[] _failures;
    private readonly string[] _models = [.. SimulatedMarket.Popularity.Select((_, model) => $"sim/model-{model}")];
    private long _version;
    private int _ticks;
    private long _decisions;
    private long _decidingTicks;

    public ProductionStrategy(SimulatedNode[] nodes, TimeProvider clock)
    {
        var (scoreOptions, measuring) = (Options.Create(new ScoreOptions()), Options.Create(new MeasuringOptions()));
        var statics = new StaticScores(scoreOptions, measuring);
        var scores = new PlacementScores(scoreOptions, statics);
        _nodes = nodes;
        _byId = nodes.ToDictionary(node => node.Id);
        _failures = new (int, TimeSpan)[nodes.Length];
        _registry = new NodeRegistry(_slotViews, _coolDowns, _measurements, statics, new CapacitySignal(), Options.Create(new NodeOptions()), clock);
        _engine = new PlacementEngine(new PowerOfTwoChoices(new Random(5), scores), scores);
        foreach (var node in nodes)
        {
            _registry.Apply(Report(node), Forever);
        }
    }

    public string Name => "ComputeShare";

    /// <summary>Mean of all decisions, in microseconds of the real clock.</summary>
    public double DecisionMicroseconds => DecidingTime.TotalMicroseconds / _decisions;

    /// <summary>Of all decisions so far, on the real clock.</summary>
    public TimeSpan DecidingTime => TimeSpan.FromSeconds((double)_decidingTicks / Stopwatch.Frequency);

    public SimulatedNode? Choose(in SimulatedRequest request, IReadOnlyList<SimulatedNode> tried)
    {
        var start = Stopwatch.GetTimestamp();
        var reserve = new Reserve
        {
            RequestId = "simulated",
            AccountId = "simulated",
            Models = { _models[request.Model] },
            Slots = 1,
            PromptTokens = (uint)request.PromptTokens,
            MaxTokens = (uint)request.CompletionTokens,
        };
        foreach (var failed in tried)
        {
            reserve.ExcludeNodes.Add(failed.Id);
            reserve.ExcludeHosters.Add(failed.Id);
        }

        var prefixes = Prefixes(request);
        SimulatedNode? chosen = null;
        for (var tries = 0; tries < MostTries && chosen is null; tries++)
        {
            var question = new PlacementQuestion(reserve, _registry.Index, _registry.Now) { Holders = _prefixes.Find(prefixes, _registry.Now) };
            var offer = _engine.Choose(question);
            if (question.SteppedOver.Count >= PlacementQuestion.WorthParking)
            {
                _registry.Park(question.SteppedOver);
            }

            if (offer is null)
            {
                break;
            }

            var node = _byId[offer.Node.NodeId];
            if (node.HasRoom)
            {
                chosen = node;
            }
            else
            {
                // What the lease script would have said.
                Hear(node);
            }
        }

        _decisions++;
        _decidingTicks += Stopwatch.GetTimestamp() - start;
        return chosen;
    }

    public void Taken(in SimulatedRequest request, SimulatedNode node)
    {
        Hear(node);
        _prefixes.Add(Prefixes(request), node.Id, _registry.Now);
    }

    /// <summary>Its leases are renewed: what is known of a full node holds on.</summary>
    public void Renewed(SimulatedNode node) => Hear(node);

    public void Freed(SimulatedNode node, AttemptEnd end)
    {
        _measurements.Add(
            new AttemptSample(node.Id, _models[node.Model], end.Failed, (uint)(end.TtftSeconds * 1000), (float)end.TokensPerSecond), _registry.Now);
        CoolDown(node, end);
        Hear(node);
        _registry.Unpark(node.Id);
    }

    public void Tick()
    {
        _registry.UnparkDue();
        if (++_ticks % TicksPerSecond == 0)
        {
            var changed = _measurements.TakeChanged();
            _registry.Rescore(_ticks % (TicksPerSecond * SecondsBetweenRescores) == 0 ? _nodes.Select(node => node.Id) : changed);
        }
    }

    // One per earlier turn and one for this: what a gateway's hashes of the beginnings tell.
    private static ulong[] Prefixes(in SimulatedRequest request)
    {
        var prefixes = new ulong[request.Turn];
        for (var turn = 0; turn < prefixes.Length; turn++)
        {
            prefixes[turn] = ((ulong)request.Conversation << 8) + (ulong)turn + 1;
        }

        return prefixes;
    }

    private void Hear(SimulatedNode node) => _slotViews.Of(node.Id).Hear(node.Busy, ++_version, _registry.Now, _registry.Now + LeaseLife);

    // As count-failure.lua and forgive-failures.lua.
    private void CoolDown(SimulatedNode node, AttemptEnd end)
    {
        var now = _registry.Now;
        var (failures, until) = _failures[node.Number];
        if (!end.Failed)
        {
            if (failures > 0 && now >= until)
            {
                _failures[node.Number] = default;
                _coolDowns.Of(node.Id).Hear(0, ++_version, TimeSpan.Zero);
            }

            return;
        }

        if (now < until)
        {
            return;
        }

        failures = now < until + _coolDownOptions.Remember ? failures + 1 : 1;
        var first = end.ByDeadline ? _coolDownOptions.FirstHalfDead : _coolDownOptions.First;
        var length = first * Math.Pow(2, Math.Min(failures - 1, 20));
        until = now + (length < _coolDownOptions.Longest ? length : _coolDownOptions.Longest);
        _failures[node.Number] = (failures, until);
        _coolDowns.Of(node.Id).Hear(failures, ++_version, until);
    }

    private NodeReport Report(SimulatedNode node) => new()
    {
        HosterId = node.Id,
        HosterName = node.Id,
        State = new NodeState
        {
            NodeId = node.Id,
            Incarnation = "simulated",
            Sequence = 1,
            Slots = (uint)node.Slots,
            Models =
            {
                new ServedModel
                {
                    LocalName = _models[node.Model],
                    ContextLength = 131_072,
                    Speed = node.Boast == 0 ? null : new MeasuredSpeed
                    {
                        TokensPerSecond = (float)(node.TokensPerSecond * node.Boast),
                        TtftMs = (float)(node.LatencySeconds * 1000 / node.Boast),
                    },
                },
            },
        },
        Offers =
        {
            new Offer
            {
                LocalName = _models[node.Model],
                ModelId = _models[node.Model],
                InCatalogue = true,
                Price = new OfferedPrice
                {
                    PriceId = node.Id,
                    Prices = new Prices { Input = node.Price / 4, CachedInput = node.Price / 40, Output = node.Price },
                },
            },
        },
    };
}
