using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Placement;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.Scheduler.Tests.Placement;

/// <summary>A market of a few nodes, and one request that is asked again and again.</summary>
public abstract class MarketTests
{
    private readonly PlacementEngine _engine = Reports.Engine();

    private protected MarketTests() => Registry = Reports.Registry(Clock, slotViews: Slots, coolDowns: CoolDowns, measurements: Measurements);

    private protected FakeTimeProvider Clock { get; } = new();

    private protected Measurements Measurements { get; } = new(Options.Create(new MeasuringOptions()));

    private protected SlotViews Slots { get; } = Reports.SlotViews();

    private protected CoolDowns CoolDowns { get; } = new();

    private protected NodeRegistry Registry { get; }

    private protected Reserve Request { get; } = new() { Models = { Reports.Model }, Slots = 1, Provider = new ProviderPreferences() };

    private protected IReadOnlyList<PrefixHolder> Holders { get; set; } = [];

    private protected PlacementQuestion Question => new(Request, Registry.Index, Registry.Now) { Holders = Holders };

    private protected string? Chosen => Choose(Question)?.Node.NodeId;

    private protected string? ChosenModel => Choose(Question)?.ModelId;

    private protected Refused Refusal => new Refusals(Registry).Explain(Question);

    private protected NodeOffer? Choose(PlacementQuestion question) => _engine.Choose(question);

    private protected void Live(string nodeId, string hoster = "alice", long price = 100, Action<NodeReport>? change = null) =>
        Registry.Apply(Reports.Of(nodeId, hoster, change: Reports.Price(price) + change), TimeSpan.FromSeconds(15));

    private protected void Offers(string nodeId, Action<NodeReport> add) =>
        Registry.Apply(Reports.Of(nodeId, change: Reports.Only(add)), TimeSpan.FromSeconds(15));

    private protected void Fill(string nodeId, int taken = 4) =>
        Slots.Of(nodeId).Hear(taken, 1, Registry.Now, Registry.Now + TimeSpan.FromSeconds(15));
}
