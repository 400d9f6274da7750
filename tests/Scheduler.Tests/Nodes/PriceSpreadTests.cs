using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;

namespace ComputeShare.Scheduler.Tests.Nodes;

public sealed class PriceSpreadTests
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(15);

    private readonly NodeRegistry _registry = Reports.Registry(TimeProvider.System);

    [Fact]
    public void Describe_OffersOfAModel_AreLowestMedianAndHighestOfEachPart()
    {
        Offer("n1", 40);
        Offer("n2", 10);
        Offer("n3", 30);
        Offer("n4", 25);
        _registry.Apply(Reports.Of("n5", change: Reports.Only(report => Reports.Add(report, "acme/other", price: 7))), Life);

        var all = new PriceSpread(_registry).Describe("");

        var small = Assert.Single(new PriceSpread(_registry).Describe(Reports.Model).Models);
        Assert.Equal((Reports.Model, 4u, true), (small.ModelId, small.Offers, small.InCatalogue));
        Assert.Equal(new PriceRange { Lowest = 10, Median = 27, Highest = 40 }, small.Input);
        Assert.Equal(new PriceRange { Lowest = 100, Median = 100, Highest = 100 }, small.CachedInput);
        Assert.Equal(["acme/other", Reports.Model], all.Models.Select(model => model.ModelId));
        Assert.Equal(new PriceRange { Lowest = 7, Median = 7, Highest = 7 }, all.Models[0].Output);
    }

    [Fact]
    public void Describe_NodesThatTakeNoWork_AreNotAmongTheOffers()
    {
        Offer("n1", 40);
        _registry.Apply(Reports.Of("n2", change: report => report.State.Draining = true), Life);
        _registry.Apply(Reports.Of("n3", change: report => report.CountsBarred = true), Life);
        _registry.Apply(Reports.Of("n4", change: report => report.ProbesBarred = true), Life);

        Assert.Equal(1u, Assert.Single(new PriceSpread(_registry).Describe("").Models).Offers);
    }

    [Fact]
    public void Describe_OneModelUnderTwoNames_IsOneOffer()
    {
        _registry.Apply(Reports.Of("n1", change: report => Reports.Add(report, Reports.Model)), Life);

        Assert.Equal(1u, Assert.Single(new PriceSpread(_registry).Describe("").Models).Offers);
    }

    [Fact]
    public void Describe_ByAlias_IsTheModelAndOfNobodyNothing()
    {
        _registry.Apply(Reports.Of("n1", change: Reports.Only(report => Reports.Add(report, "acme/big", alias: "big"))), Life);

        Assert.Equal("acme/big", Assert.Single(new PriceSpread(_registry).Describe("big").Models).ModelId);
        Assert.Empty(new PriceSpread(_registry).Describe("nothing").Models);
    }

    private void Offer(string node, long price) => _registry.Apply(Reports.Of(node, change: Reports.Price(price)), Life);
}
