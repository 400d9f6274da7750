using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.Scheduler.Tests.Nodes;

public sealed class NodeRegistryTests
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _clock = new();
    private readonly NodeRegistry _registry;

    public NodeRegistryTests() => _registry = Reports.Registry(_clock);

    private NodeSnapshot? Node => _registry.Index.Nodes.GetValueOrDefault("n1");

    [Fact]
    public void Apply_HigherSequence_Replaces()
    {
        Assert.True(_registry.Apply(Reports.Of("n1", sequence: 1), Life));
        Assert.True(_registry.Apply(Reports.Of("n1", sequence: 2, slots: 9), Life));

        Assert.Equal(9u, Node!.Slots);
        Assert.Single(_registry.Index.Models[Reports.Model].Best);
    }

    [Fact]
    public void Apply_LowerSequence_IsIgnored()
    {
        _registry.Apply(Reports.Of("n1", sequence: 2), Life);

        Assert.False(_registry.Apply(Reports.Of("n1", sequence: 1, slots: 9), Life));
        Assert.Equal(4u, Node!.Slots);
    }

    [Fact]
    public void Apply_SameSequenceAgain_BeginsTheLifeAnew()
    {
        _registry.Apply(Reports.Of("n1"), Life);
        _clock.Advance(TimeSpan.FromSeconds(10));
        _registry.Apply(Reports.Of("n1"), Life);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Empty(_registry.Sweep());
        Assert.NotNull(Node);
    }

    [Fact]
    public void Apply_NewIncarnationWithLowSequence_Replaces()
    {
        _registry.Apply(Reports.Of("n1", sequence: 500), Life);

        Assert.True(_registry.Apply(Reports.Of("n1", incarnation: "second", sequence: 1), Life));
        Assert.Equal("second", Node!.Incarnation);
    }

    [Fact]
    public void Apply_SupersededIncarnationSpeaksAgain_IsIgnored()
    {
        _registry.Apply(Reports.Of("n1", sequence: 500), Life);
        _registry.Apply(Reports.Of("n1", incarnation: "second"), Life);

        Assert.False(_registry.Apply(Reports.Of("n1", sequence: 501), Life));
        Assert.Equal("second", Node!.Incarnation);
    }

    [Fact]
    public void Gone_NothingNewerKnown_RemovesNodeAndItsModels()
    {
        _registry.Apply(Reports.Of("n1", sequence: 3), Life);

        Assert.True(_registry.Apply(new NodeGone { NodeId = "n1", Incarnation = "first", LastSequence = 3 }));
        Assert.Null(Node);
        Assert.Empty(_registry.Index.Models);
    }

    [Theory]
    [InlineData("first", 2)]
    [InlineData("older", 900)]
    public void Gone_Superseded_IsIgnored(string incarnation, ulong lastSequence)
    {
        _registry.Apply(Reports.Of("n1", sequence: 3), Life);

        Assert.False(_registry.Apply(new NodeGone { NodeId = "n1", Incarnation = incarnation, LastSequence = lastSequence }));
        Assert.NotNull(Node);
    }

    [Fact]
    public void Apply_LateReportOfDepartedNode_DoesNotReviveIt()
    {
        _registry.Apply(Reports.Of("n1", sequence: 3), Life);
        _registry.Apply(new NodeGone { NodeId = "n1", Incarnation = "first", LastSequence = 5 });

        Assert.False(_registry.Apply(Reports.Of("n1", sequence: 5), Life));
        Assert.Null(Node);
        Assert.True(_registry.Apply(Reports.Of("n1", sequence: 6), Life));
        Assert.NotNull(Node);
    }

    [Fact]
    public void Sweep_NotReportedForItsLife_RemovesNodeAndRemembersItsModels()
    {
        _registry.Apply(Reports.Of("n1", change: report => report.Offers[0].Aliases.Add("small")), Life);
        _clock.Advance(Life);

        Assert.Equal(["n1"], _registry.Sweep());
        Assert.Null(Node);
        Assert.True(_registry.WasServed(Reports.Model));
        Assert.True(_registry.WasServed("small"));
        Assert.False(_registry.WasServed("acme/other"));
        _clock.Advance(TimeSpan.FromMinutes(11));
        Assert.False(_registry.WasServed(Reports.Model));
    }

    [Fact]
    public void Index_ManyNodes_IsSortedByPrice()
    {
        long[] prices = [300, 100, 200];
        foreach (var (i, price) in prices.Index())
        {
            _registry.Apply(Reports.Of($"n{i}", change: Reports.Price(price)), Life);
        }

        Assert.Equal([100, 200, 300], _registry.Index.Models[Reports.Model].Offers.Select(offer => offer.Prices.Input));
    }

    [Fact]
    public void Index_TakenBefore_DoesNotChangeAfterwards()
    {
        _registry.Apply(Reports.Of("n1"), Life);
        var before = _registry.Index;

        _registry.Apply(Reports.Of("n2"), Life);

        Assert.Single(before.Models[Reports.Model].Best);
        Assert.Equal(2, _registry.Index.Models[Reports.Model].Best.Count);
    }

    [Fact]
    public void Find_Alias_GivesTheModelUntilItsLastNodeGoes()
    {
        _registry.Apply(Reports.Of("n1", change: report => report.Offers[0].Aliases.Add("small")), Life);

        Assert.Equal(Reports.Model, _registry.Index.Find("small")?.ModelId);
        _registry.Apply(new NodeGone { NodeId = "n1", Incarnation = "first", LastSequence = 1 });
        Assert.Null(_registry.Index.Find("small"));
    }

    [Fact]
    public void Find_AliasOfAHostersOwnModel_IsNotFollowed()
    {
        _registry.Apply(Reports.Of("n1", change: Reports.Only(report => Reports.Add(report, "alice/mine", inCatalogue: false, alias: "popular"))), Life);

        Assert.Null(_registry.Index.Find("popular"));
        Assert.NotNull(_registry.Index.Find("alice/mine"));
    }

    [Fact]
    public void Apply_SameOfferTwice_IsOneAndGoesAgain()
    {
        _registry.Apply(Reports.Of("n1", change: report => report.Offers.Add(report.Offers[0].Clone())), Life);

        Assert.Single(_registry.Index.Models[Reports.Model].Best);
        _registry.Apply(Reports.Of("n1", sequence: 2), Life);
        Assert.True(_registry.Apply(new NodeGone { NodeId = "n1", Incarnation = "first", LastSequence = 2 }));
        Assert.Empty(_registry.Index.Models);
    }

    [Fact]
    public void Apply_OfferWithoutPriceOrServedModel_IsNoCandidate()
    {
        _registry.Apply(Reports.Of("n1", change: report => report.Offers[0].Price = null), Life);
        _registry.Apply(Reports.Of("n2", change: report => report.State.Models.Clear()), Life);
        _registry.Apply(Reports.Of("n3", change: Reports.Price(-1)), Life);

        Assert.Empty(_registry.Index.Models);
        Assert.Equal(3, _registry.Index.Nodes.Count);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(64, false)]
    [InlineData(65, true)]
    public void IsMalformed_ByTheIncarnationsLength(int length, bool expected) =>
        Assert.Equal(expected, NodeRegistry.IsMalformed(Reports.Of("n1", incarnation: new string('a', length))));
}
