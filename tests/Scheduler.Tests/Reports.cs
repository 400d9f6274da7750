using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Placement;
using ComputeShare.Scheduler.Queueing;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Tests;

/// <summary>Reports of ordinary nodes; a test changes what it is about.</summary>
internal static class Reports
{
    public const string Model = "acme/small";

    public static NodeReport Of(
        string nodeId, string hoster = "alice", uint slots = 4, ulong sequence = 1, string incarnation = "first", Action<NodeReport>? change = null)
    {
        var report = new NodeReport
        {
            HosterId = hoster + "-id",
            HosterName = hoster,
            State = new NodeState { NodeId = nodeId, Incarnation = incarnation, Sequence = sequence, Slots = slots },
        };
        Add(report, Model);
        change?.Invoke(report);
        return report;
    }

    public static void Add(
        NodeReport report, string model, long price = 100, bool inCatalogue = true, uint quality = 0, string alias = "", uint context = 4096)
    {
        var local = "local:" + model;
        report.State.Models.Add(new ServedModel { LocalName = local, ContextLength = context, Capabilities = { "chat", "seed" }, Quantization = "Q4_K_M" });
        report.Offers.Add(new Offer
        {
            LocalName = local,
            ModelId = model,
            InCatalogue = inCatalogue,
            QualityRank = quality,
            Price = new OfferedPrice { PriceId = "price-" + report.State.NodeId, Prices = new Prices { Input = price, CachedInput = price, Output = price } },
        });
        if (alias.Length > 0)
        {
            report.Offers[^1].Aliases.Add(alias);
        }
    }

    public static Action<NodeReport> Price(long price) => report =>
    {
        report.Offers[0].Price.Prices.Input = price;
        report.Offers[0].Price.Prices.Output = price;
    };

    /// <summary>Serves only what <paramref name="add"/> adds.</summary>
    public static Action<NodeReport> Only(Action<NodeReport> add) => report =>
    {
        report.State.Models.Clear();
        report.Offers.Clear();
        add(report);
    };

    public static StaticScores Scores { get; } = new(Options.Create(new ScoreOptions()), Options.Create(new MeasuringOptions()));

    public static SlotViews SlotViews() => new(Options.Create(new MeasuringOptions()));

    public static NodeRegistry Registry(
        TimeProvider clock, SlotViews? slotViews = null, CoolDowns? coolDowns = null, Measurements? measurements = null) =>
        new(
            slotViews ?? SlotViews(), coolDowns ?? new CoolDowns(), measurements ?? new Measurements(Options.Create(new MeasuringOptions())),
            Scores, new CapacitySignal(), Options.Create(new NodeOptions()), clock);

    public static PlacementEngine Engine(int seed = 7)
    {
        var scores = new PlacementScores(Options.Create(new ScoreOptions()), Scores);
        return new PlacementEngine(new PowerOfTwoChoices(new Random(seed), scores), scores);
    }
}
