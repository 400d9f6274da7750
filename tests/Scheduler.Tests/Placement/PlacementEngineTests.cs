using ComputeShare.Contracts.Inference;
using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Placement;

namespace ComputeShare.Scheduler.Tests.Placement;

public sealed class PlacementEngineTests : MarketTests
{
    [Fact]
    public void Choose_ManyNodes_StaysAmongTheSixteenCheapest()
    {
        for (var i = 0; i < 100; i++)
        {
            Live($"n{i}", price: 100 + i);
        }

        var chosen = Enumerable.Range(0, 500).Select(_ => Choose(Question)!.Prices.Input).ToArray();

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
        Request.Provider.Sort = "price";
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

        Holders = [new PrefixHolder("n17", 0.9), new PrefixHolder("gone", 0.5)];
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
        Holders = [new PrefixHolder("a1", 1)];
        Request.Provider.Order.Add("bob");

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("b1", Chosen));
        Request.Provider.Order.Clear();
        Request.Provider.Ignore.Add("alice");
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
        Assert.Equal("free", Choose(question)!.Node.NodeId);
        Registry.Park(question.SteppedOver);

        Assert.Single(Registry.Index.Models[Reports.Model].Best);
        Assert.Equal(21, Registry.Index.Models[Reports.Model].Offers.Count);
        Assert.Equal("free", Chosen);

        Slots.Of("full3").Hear(3, 2, TimeSpan.Zero, TimeSpan.Zero);
        Registry.Unpark("full3");
        Registry.Apply(Reports.Of("full4", sequence: 2, change: Reports.Price(1)), TimeSpan.FromSeconds(15));

        Assert.Equal(2, Registry.Index.Models[Reports.Model].Best.Count);
        Fill("free");
        Assert.Equal("full3", Chosen);
    }

    [Fact]
    public void Unpark_ByTimeAlone_BringsBackWhatHasRoom()
    {
        Live("n1");
        CoolDowns.Of("n1").Hear(1, 1, Registry.Now + TimeSpan.FromSeconds(1));
        Registry.Park([new SteppedOver("n1", OfferOrders.Score)]);
        Assert.False(Registry.UnparkDue());

        Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(Chosen);
        Assert.True(Registry.UnparkDue());
        Assert.Equal("n1", Chosen);
    }

    [Fact]
    public void Choose_NodeMeasuredFailing_LosesItsPlaceAndGetsItBack()
    {
        Live("failing", price: 1_000_000);
        Live("sound", price: 1_500_000);
        Assert.Equal("failing", Registry.Index.Models[Reports.Model].Best[0].Node.NodeId);

        Measurements.Add(new AttemptSample("failing", Reports.Model, Failed: true, 0, 0), Registry.Now);
        Registry.Rescore(Measurements.TakeChanged());
        Assert.Equal("sound", Registry.Index.Models[Reports.Model].Best[0].Node.NodeId);

        Clock.Advance(TimeSpan.FromMinutes(20));
        Registry.Rescore(["failing"]);
        Assert.Equal("failing", Registry.Index.Models[Reports.Model].Best[0].Node.NodeId);
    }

    [Fact]
    public void Choose_NodeBusyForMinutes_LosesItsPlaceToAnEqualUntilItHasRested()
    {
        Live("busy", price: 1_000_000);
        Live("rested", price: 1_200_000);
        Fill("busy");
        Clock.Advance(TimeSpan.FromMinutes(5));
        Slots.Of("busy").Hear(0, 2, Registry.Now, TimeSpan.Zero);
        Registry.Apply(Reports.Of("rested", sequence: 2, change: Reports.Price(1_200_000)), TimeSpan.FromHours(1));
        Registry.Apply(Reports.Of("busy", sequence: 2, change: Reports.Price(1_000_000)), TimeSpan.FromHours(1));
        Assert.Equal("rested", Registry.Index.Models[Reports.Model].Best[0].Node.NodeId);

        Holders = [new PrefixHolder("busy", 1)];
        Assert.Equal("busy", Chosen);

        Clock.Advance(TimeSpan.FromMinutes(10));
        Registry.Rescore(["busy"]);
        Assert.Equal("busy", Registry.Index.Models[Reports.Model].Best[0].Node.NodeId);
    }

    [Theory]
    [InlineData("throughput", "fast")]
    [InlineData("latency", "prompt")]
    public void Choose_SortedByMeasuredSpeed_TakesTheFirst(string sort, string expected)
    {
        Request.Provider.Sort = sort;
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
        Request.ExcludeNodes.Add("a1");
        Request.ExcludeHosters.Add("alice-id");

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("b1", Chosen));
    }

    [Fact]
    public void Choose_AttemptFailedAndNoOtherHoster_TakesAnotherNodeOfTheSame()
    {
        Live("a1", "alice");
        Live("a2", "alice");
        Request.ExcludeNodes.Add("a1");
        Request.ExcludeHosters.Add("alice-id");

        Assert.Equal("a2", Chosen);
        Request.ExcludeNodes.Add("a2");
        Assert.Null(Chosen);
    }

    [Fact]
    public void Choose_Order_FollowsItThenFallsBack()
    {
        Live("a1", "alice", price: 1);
        Live("b1", "bob", price: 900);
        Live("c1", "carol", price: 500);
        Request.Provider.Order.Add(["bob", "carol"]);

        Assert.Equal("b1", Chosen);
        Fill("b1");
        Assert.Equal("c1", Chosen);
        Fill("c1");
        Assert.Equal("a1", Chosen);
        Request.Provider.DisallowFallbacks = true;
        Assert.Null(Chosen);
    }

    [Fact]
    public void Choose_NodeCoolsDown_TakesADearerOne()
    {
        Live("failing", price: 1);
        Live("sound", price: 900);
        CoolDowns.Of("failing").Hear(1, 1, Registry.Now + TimeSpan.FromSeconds(1));

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("sound", Chosen));
    }
}
