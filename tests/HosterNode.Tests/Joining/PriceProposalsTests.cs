using System.Text.Json;
using ComputeShare.HosterNode.Joining;
using ComputeShare.HosterNode.Reporting;

namespace ComputeShare.HosterNode.Tests.Joining;

public sealed class PriceProposalsTests
{
    private static readonly MarketPrices Market = new(3, 40_000_000, 4_000_000, 160_000_000);

    [Fact]
    public void Propose_AMarket_TakesItsMiddle() =>
        Assert.Equal(new PriceProposal(new OfferedModel("m", 40_000_000, 4_000_000, 160_000_000), "middle of 3 offers"), PriceProposals.Propose("m", Market, new JoinWishes()));

    [Fact]
    public void Propose_OnePriceSaid_KeepsTheMarketsOthers() =>
        Assert.Equal(new OfferedModel("m", 40_000_000, 4_000_000, 7), PriceProposals.Propose("m", Market, new JoinWishes { Output = 7 }).Model);

    [Fact]
    public void Propose_AllSaid_AsksNobody()
    {
        var wishes = new JoinWishes { Input = 100, Output = 7 };

        Assert.Equal(new PriceProposal(new OfferedModel("m", 100, 10, 7), "as you said"), PriceProposals.Propose("m", market: null, wishes));
        Assert.Equal(3, PriceProposals.Propose("m", Market, wishes with { CachedInput = 3 }).Model.CachedInput);
    }

    [Theory]
    [InlineData("""{"offers":2,"input":{"median":"0.05"},"cached_input":{"median":"0"},"output":{"median":"0.000000001"}}""", true)]
    [InlineData("""{"offers":0,"input":{"median":"0.05"},"cached_input":{"median":"0"},"output":{"median":"0.2"}}""", false)]
    [InlineData("""{"offers":2,"input":{"median":"-1"},"cached_input":{"median":"0"},"output":{"median":"0.2"}}""", false)]
    [InlineData("""{"offers":2,"input":{"median":"1e300"},"cached_input":{"median":"0"},"output":{"median":"0.2"}}""", false)]
    [InlineData("""{"offers":2,"input":0.05}""", false)]
    [InlineData("[]", false)]
    public void MarketPrices_OfWhateverAnswers_AreThereOrNot(string json, bool isThere)
    {
        var prices = MarketPrices.TryRead(JsonDocument.Parse(json).RootElement);

        Assert.Equal(isThere, prices is not null);
        if (isThere)
        {
            Assert.Equal(new MarketPrices(2, 50_000_000, 0, 1), prices);
        }
    }

    [Theory]
    [InlineData("My Gaming-PC.local", "^my-gaming-pc-local-[0-9a-f]{6}$")]
    [InlineData("···", "^node-[0-9a-f]{6}$")]
    public void NodeNames_OfAMachine_AreIdsOfTheirOwn(string machine, string shape) => Assert.Matches(shape, NodeNames.Make(machine));
}
