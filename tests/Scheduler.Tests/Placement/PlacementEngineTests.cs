using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Placement;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.Scheduler.Tests.Placement;

public sealed class PlacementEngineTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Measurements _measurements = new(Options.Create(new MeasuringOptions()));
    private readonly SlotViews _slots = Reports.SlotViews();
    private readonly CoolDowns _coolDowns = new();
    private readonly NodeRegistry _registry;
    private readonly PlacementEngine _engine = Reports.Engine();
    private readonly Reserve _request = new() { Models = { Reports.Model }, Slots = 1, Provider = new ProviderPreferences() };

    private IReadOnlyList<PrefixHolder> _holders = [];

    public PlacementEngineTests() =>
        _registry = Reports.Registry(_clock, slotViews: _slots, coolDowns: _coolDowns, measurements: _measurements);

    private string? Chosen => _engine.Choose(Question)?.Node.NodeId;

    private string? ChosenModel => _engine.Choose(Question)?.ModelId;

    private Refused Refusal => new Refusals(_registry).Explain(Question);

    private PlacementQuestion Question => new(_request, _registry.Index, _registry.Now) { Holders = _holders };

    [Fact]
    public void Choose_ManyNodes_StaysAmongTheSixteenCheapest()
    {
        for (var i = 0; i < 100; i++)
        {
            Live($"n{i}", price: 100 + i);
        }

        var chosen = Enumerable.Range(0, 500).Select(_ => _engine.Choose(Question)!.Prices.Input).ToArray();

        Assert.InRange(chosen.Max(), 101, 100 + Shortlist.Length - 1);
        Assert.True(chosen.Distinct().Count() > 5, "All requests ran to a few nodes.");
    }

    [Fact]
    public void Choose_EqualPrices_PrefersTheLessLoaded()
    {
        Live("busy");
        Live("idle");
        Fill("busy", 3);

        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal("idle", Chosen));
    }

    [Fact]
    public void Choose_FullNode_IsPassedOver()
    {
        Live("full", price: 1);
        Live("free", price: 100);
        Fill("full");

        Assert.Equal("free", Chosen);
    }

    [Fact]
    public void Choose_SortedByPrice_TakesTheCheapest()
    {
        _request.Provider.Sort = "price";
        for (var i = 0; i < 40; i++)
        {
            Live($"n{i}", price: 1000 - i);
        }

        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal("n39", Chosen));
    }

    [Fact]
    public void Choose_OneFarBetter_TakesNobodyElseByChance()
    {
        Live("cheap", price: 1_000_000);
        for (var i = 0; i < 15; i++)
        {
            Live($"dear{i}", price: 100_000_000);
        }

        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal("cheap", Chosen));
        Fill("cheap");
        Assert.StartsWith("dear", Chosen, StringComparison.Ordinal);
    }

    [Fact]
    public void Choose_PrefixHeld_ReturnsToItsNodeUntilThatIsLoaded()
    {
        for (var i = 0; i < 30; i++)
        {
            Live($"n{i}");
        }

        _holders = [new PrefixHolder("n17", 0.9), new PrefixHolder("gone", 0.5)];
        Fill("n17", 2);
        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal("n17", Chosen));

        Fill("n17", 3);
        Assert.True(Enumerable.Range(0, 50).Select(_ => Chosen).Distinct().Count() > 5, "The hot prefix does not spread.");
    }

    [Fact]
    public void Choose_HolderWhereAnotherIsAskedFor_IsNoCandidate()
    {
        Live("a1", "alice");
        Live("b1", "bob");
        _holders = [new PrefixHolder("a1", 1)];
        _request.Provider.Order.Add("bob");

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("b1", Chosen));
        _request.Provider.Order.Clear();
        _request.Provider.Ignore.Add("alice");
        Assert.Equal("b1", Chosen);
    }

    [Fact]
    public void Choose_ManyFullNodesOnTheWay_AreSetAsideUntilTheyHaveRoom()
    {
        for (var i = 0; i < 20; i++)
        {
            Live($"full{i}", price: 1);
            Fill($"full{i}");
        }

        Live("free", price: 100);
        var question = Question;
        Assert.Equal("free", _engine.Choose(question)!.Node.NodeId);
        _registry.Park(question.SteppedOver);

        Assert.Single(_registry.Index.Models[Reports.Model].Best);
        Assert.Equal(21, _registry.Index.Models[Reports.Model].Offers.Count());
        Assert.Equal("free", Chosen);

        _slots.Of("full3").Hear(3, 2, TimeSpan.Zero, TimeSpan.Zero);
        _registry.Unpark("full3");
        _registry.Apply(Reports.Of("full4", sequence: 2, change: Reports.Price(1)), TimeSpan.FromSeconds(15));

        Assert.Equal(2, _registry.Index.Models[Reports.Model].Best.Count);
        Fill("free");
        Assert.Equal("full3", Chosen);
    }

    [Fact]
    public void Unpark_ByTimeAlone_BringsBackWhatHasRoom()
    {
        Live("n1");
        _coolDowns.Of("n1").Hear(1, 1, _registry.Now + TimeSpan.FromSeconds(1));
        _registry.Park(["n1"]);
        Assert.False(_registry.UnparkDue());

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(Chosen);
        Assert.True(_registry.UnparkDue());
        Assert.Equal("n1", Chosen);
    }

    [Fact]
    public void Choose_NodeMeasuredFailing_LosesItsPlaceAndGetsItBack()
    {
        Live("failing", price: 1_000_000);
        Live("sound", price: 1_500_000);
        Assert.Equal("failing", _registry.Index.Models[Reports.Model].Best[0].Node.NodeId);

        _measurements.Add(new AttemptSample("failing", Reports.Model, Failed: true, 0, 0), _registry.Now);
        _registry.Rescore(_measurements.TakeChanged());
        Assert.Equal("sound", _registry.Index.Models[Reports.Model].Best[0].Node.NodeId);

        _clock.Advance(TimeSpan.FromMinutes(20));
        _registry.Rescore(["failing"]);
        Assert.Equal("failing", _registry.Index.Models[Reports.Model].Best[0].Node.NodeId);
    }

    [Fact]
    public void Choose_NodeBusyForMinutes_LosesItsPlaceToAnEqualUntilItHasRested()
    {
        Live("busy", price: 1_000_000);
        Live("rested", price: 1_200_000);
        Fill("busy");
        _clock.Advance(TimeSpan.FromMinutes(5));
        _slots.Of("busy").Hear(0, 2, _registry.Now, TimeSpan.Zero);
        _registry.Apply(Reports.Of("rested", sequence: 2, change: Reports.Price(1_200_000)), TimeSpan.FromHours(1));
        _registry.Apply(Reports.Of("busy", sequence: 2, change: Reports.Price(1_000_000)), TimeSpan.FromHours(1));
        Assert.Equal("rested", _registry.Index.Models[Reports.Model].Best[0].Node.NodeId);

        _holders = [new PrefixHolder("busy", 1)];
        Assert.Equal("busy", Chosen);

        _clock.Advance(TimeSpan.FromMinutes(10));
        _registry.Rescore(["busy"]);
        Assert.Equal("busy", _registry.Index.Models[Reports.Model].Best[0].Node.NodeId);
    }

    [Theory]
    [InlineData("throughput", "fast")]
    [InlineData("latency", "prompt")]
    public void Choose_SortedByMeasuredSpeed_TakesTheFirst(string sort, string expected)
    {
        _request.Provider.Sort = sort;
        Live("cheap", price: 1);
        Live("fast", price: 300, change: report => report.State.Models[0].Speed = new MeasuredSpeed { TokensPerSecond = 90, TtftMs = 500 });
        Live("prompt", price: 300, change: report => report.State.Models[0].Speed = new MeasuredSpeed { TokensPerSecond = 30, TtftMs = 50 });

        Assert.Equal(expected, Chosen);
    }

    [Fact]
    public void Choose_AttemptFailed_PrefersAnotherHoster()
    {
        Live("a1", "alice", price: 1);
        Live("a2", "alice", price: 1);
        Live("b1", "bob", price: 900);
        _request.ExcludeNodes.Add("a1");
        _request.ExcludeHosters.Add("alice-id");

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("b1", Chosen));
    }

    [Fact]
    public void Choose_AttemptFailedAndNoOtherHoster_TakesAnotherNodeOfTheSame()
    {
        Live("a1", "alice");
        Live("a2", "alice");
        _request.ExcludeNodes.Add("a1");
        _request.ExcludeHosters.Add("alice-id");

        Assert.Equal("a2", Chosen);
        _request.ExcludeNodes.Add("a2");
        Assert.Null(Chosen);
    }

    [Fact]
    public void Choose_Order_FollowsItThenFallsBack()
    {
        Live("a1", "alice", price: 1);
        Live("b1", "bob", price: 900);
        Live("c1", "carol", price: 500);
        _request.Provider.Order.Add(["bob", "carol"]);

        Assert.Equal("b1", Chosen);
        Fill("b1");
        Assert.Equal("c1", Chosen);
        Fill("c1");
        Assert.Equal("a1", Chosen);
        _request.Provider.DisallowFallbacks = true;
        Assert.Null(Chosen);
    }

    [Fact]
    public void Choose_SeveralModels_TakesTheFirstThatCanBeServed()
    {
        _request.Models.Insert(0, "acme/absent");
        Live("n1");

        Assert.Equal(Reports.Model, ChosenModel);
    }

    [Fact]
    public void Choose_Auto_TakesTheCheapestCatalogueModelThatFits()
    {
        Offers("n1", report =>
        {
            Reports.Add(report, "acme/tiny-window", price: 1, context: 16);
            Reports.Add(report, "acme/cheap", price: 10);
            Reports.Add(report, "acme/dear", price: 90, quality: 1);
            Reports.Add(report, "alice/free", price: 0, inCatalogue: false);
        });
        _request.Models[0] = "auto";
        (_request.PromptTokens, _request.MaxTokens) = (100, 100);

        Assert.Equal("acme/cheap", ChosenModel);
        _request.Policy = "quality";
        Assert.Equal("acme/dear", ChosenModel);
    }

    [Theory]
    [InlineData("", "", "acme/cheap")]
    [InlineData("price", "", "acme/cheap")]
    [InlineData("throughput", "", "acme/fast")]
    [InlineData("latency", "", "acme/prompt")]
    [InlineData("quality", "", "acme/good")]
    [InlineData("quality", "throughput", "acme/fast")]
    public void Choose_Auto_FollowsThePolicyAndTheRequestBeforeIt(string policy, string sort, string expected)
    {
        Offers("n1", report =>
        {
            Reports.Add(report, "acme/cheap", price: 10);
            Reports.Add(report, "acme/fast", price: 90);
            Reports.Add(report, "acme/prompt", price: 90);
            Reports.Add(report, "acme/good", price: 90, quality: 1);
            report.State.Models[1].Speed = new MeasuredSpeed { TokensPerSecond = 90, TtftMs = 500 };
            report.State.Models[2].Speed = new MeasuredSpeed { TokensPerSecond = 9, TtftMs = 50 };
        });
        _request.Models[0] = "auto";
        (_request.Policy, _request.Provider.Sort) = (policy, sort);

        Assert.Equal(expected, ChosenModel);
    }

    [Fact]
    public void Choose_AutoWithAKeyForSomeModels_ChoosesAmongThose()
    {
        Offers("n1", report =>
        {
            Reports.Add(report, "acme/cheap", price: 10);
            Reports.Add(report, "acme/dear", price: 90);
        });
        _request.Models[0] = "auto";
        _request.AllowedModels.Add("auto");
        Assert.Equal("acme/cheap", ChosenModel);

        _request.AllowedModels.Add("acme/dear");
        Assert.Equal("acme/dear", ChosenModel);
    }

    [Fact]
    public void Choose_AutoWithOnlyHostersOwnModels_FindsNone()
    {
        Offers("n1", report => Reports.Add(report, "alice/mine", inCatalogue: false));
        _request.Models[0] = "auto";

        Assert.Null(Chosen);
        Assert.Equal(RefusalKind.NoNode, Refusal.Kind);
        _request.Models[0] = "alice/mine";
        Assert.Equal("n1", Chosen);
    }

    [Fact]
    public void Choose_Alias_GivesTheModelsOwnId()
    {
        Offers("n1", report => Reports.Add(report, "acme/long-name", alias: "short"));
        _request.Models[0] = "short";

        Assert.Equal("acme/long-name", ChosenModel);
    }

    [Fact]
    public void Explain_NameNeverSeen_IsUnknown()
    {
        Live("n1");
        _request.Models[0] = "acme/absent";

        Assert.Equal(RefusalKind.UnknownModel, Refusal.Kind);
    }

    [Fact]
    public void Explain_LastNodeLeft_IsNoNode()
    {
        Live("n1");
        _registry.Apply(new NodeGone { NodeId = "n1", Incarnation = "first", LastSequence = 1 });

        Assert.Equal(RefusalKind.NoNode, Refusal.Kind);
    }

    [Fact]
    public void Explain_AllDraining_IsNoNode()
    {
        Live("n1", change: report => report.State.Draining = true);

        Assert.Equal(RefusalKind.NoNode, Refusal.Kind);
    }

    [Fact]
    public void Explain_AllSlotsTaken_IsBusy()
    {
        Live("n1");
        Live("n2", change: report => report.State.Draining = true);
        Fill("n1");

        var refusal = Refusal;
        Assert.Equal(RefusalKind.Busy, refusal.Kind);
        Assert.Equal(2u, refusal.Explanation.Candidates);
        Assert.Equal(1u, refusal.Explanation.Filtered["free_slots"]);
        Assert.Equal(1u, refusal.Explanation.Filtered["live"]);
    }

    [Fact]
    public void Choose_NodeCoolsDown_TakesADearerOne()
    {
        Live("failing", price: 1);
        Live("sound", price: 900);
        _coolDowns.Of("failing").Hear(1, 1, _registry.Now + TimeSpan.FromSeconds(1));

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("sound", Chosen));
    }

    [Fact]
    public void Explain_AllCoolDown_IsBusy()
    {
        Live("n1");
        _coolDowns.Of("n1").Hear(1, 1, _registry.Now + TimeSpan.FromSeconds(1));

        Assert.Null(Chosen);
        Assert.Equal(RefusalKind.Busy, Refusal.Kind);
        Assert.Equal(1u, Refusal.Explanation.Filtered["cooling_down"]);
    }

    [Fact]
    public void Explain_PromptLongerThanEveryWindow_IsContextTooLong()
    {
        Live("n1");
        _request.PromptTokens = 5000;

        Assert.Equal(RefusalKind.ContextTooLong, Refusal.Kind);
    }

    [Theory]
    [InlineData("json_schema", "response_format")]
    [InlineData("tools", "tools")]
    public void Explain_NoNodeCanDoIt_NamesTheParameter(string capability, string param)
    {
        Live("n1");
        _request.RequiredCapabilities.Add(capability);

        Assert.Equal((RefusalKind.NothingFits, param), (Refusal.Kind, Refusal.Param));
    }

    [Fact]
    public void Explain_PriceCeilingTooLow_IsNothingFitsWithoutParameter()
    {
        Live("n1");
        _request.Provider.MaxPriceInput = 1;

        Assert.Equal((RefusalKind.NothingFits, ""), (Refusal.Kind, Refusal.Param));
        Assert.Equal(1u, Refusal.Explanation.Filtered["price"]);
    }

    private void Live(string nodeId, string hoster = "alice", long price = 100, Action<NodeReport>? change = null) =>
        _registry.Apply(Reports.Of(nodeId, hoster, change: Reports.Price(price) + change), TimeSpan.FromSeconds(15));

    private void Offers(string nodeId, Action<NodeReport> add) =>
        _registry.Apply(Reports.Of(nodeId, change: Reports.Only(add)), TimeSpan.FromSeconds(15));

    private void Fill(string nodeId, int taken = 4) => _slots.Of(nodeId).Hear(taken, 1, _registry.Now, _registry.Now + TimeSpan.FromSeconds(15));
}
