using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Scheduler.Tests.Placement;

public sealed class RefusalTests : MarketTests
{
    [Fact]
    public void Explain_NameNeverSeen_IsUnknown()
    {
        Live("n1");
        Request.Models[0] = "acme/absent";

        Assert.Equal(RefusalKind.UnknownModel, Refusal.Kind);
    }

    [Fact]
    public void Explain_LastNodeLeft_IsNoNode()
    {
        Live("n1");
        Registry.Apply(new NodeGone { NodeId = "n1", Incarnation = "first", LastSequence = 1 });

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
    public void Explain_AllCoolDown_IsBusy()
    {
        Live("n1");
        CoolDowns.Of("n1").Hear(1, 1, Registry.Now + TimeSpan.FromSeconds(1));

        Assert.Null(Chosen);
        Assert.Equal(RefusalKind.Busy, Refusal.Kind);
        Assert.Equal(1u, Refusal.Explanation.Filtered["cooling_down"]);
    }

    [Fact]
    public void Explain_PromptLongerThanEveryWindow_IsContextTooLong()
    {
        Live("n1");
        Request.PromptTokens = 5000;

        Assert.Equal(RefusalKind.ContextTooLong, Refusal.Kind);
    }

    [Theory]
    [InlineData("json_schema", "response_format")]
    [InlineData("tools", "tools")]
    public void Explain_NoNodeCanDoIt_NamesTheParameter(string capability, string param)
    {
        Live("n1");
        Request.RequiredCapabilities.Add(capability);

        Assert.Equal((RefusalKind.NothingFits, param), (Refusal.Kind, Refusal.Param));
    }

    [Fact]
    public void Explain_PriceCeilingTooLow_IsNothingFitsWithoutParameter()
    {
        Live("n1");
        Request.Provider.MaxPriceInput = 1;

        Assert.Equal((RefusalKind.NothingFits, ""), (Refusal.Kind, Refusal.Param));
        Assert.Equal(1u, Refusal.Explanation.Filtered["price"]);
    }
}
