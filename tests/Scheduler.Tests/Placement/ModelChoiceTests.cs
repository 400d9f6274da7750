using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Scheduler.Tests.Placement;

public sealed class ModelChoiceTests : MarketTests
{
    [Fact]
    public void Choose_SeveralModels_TakesTheFirstThatCanBeServed()
    {
        Request.Models.Insert(0, "acme/absent");
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
        Request.Models[0] = "auto";
        (Request.PromptTokens, Request.MaxTokens) = (100, 100);

        Assert.Equal("acme/cheap", ChosenModel);
        Request.Policy = "quality";
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
        Request.Models[0] = "auto";
        (Request.Policy, Request.Provider.Sort) = (policy, sort);

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
        Request.Models[0] = "auto";
        Request.AllowedModels.Add("auto");
        Assert.Equal("acme/cheap", ChosenModel);

        Request.AllowedModels.Add("acme/dear");
        Assert.Equal("acme/dear", ChosenModel);
    }

    [Fact]
    public void Choose_AutoWithOnlyHostersOwnModels_FindsNone()
    {
        Offers("n1", report => Reports.Add(report, "alice/mine", inCatalogue: false));
        Request.Models[0] = "auto";

        Assert.Null(Chosen);
        Assert.Equal(RefusalKind.NoNode, Refusal.Kind);
        Request.Models[0] = "alice/mine";
        Assert.Equal("n1", Chosen);
    }

    [Fact]
    public void Choose_Alias_GivesTheModelsOwnId()
    {
        Offers("n1", report => Reports.Add(report, "acme/long-name", alias: "short"));
        Request.Models[0] = "short";

        Assert.Equal("acme/long-name", ChosenModel);
    }
}
