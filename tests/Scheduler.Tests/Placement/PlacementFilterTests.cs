using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Placement;

namespace ComputeShare.Scheduler.Tests.Placement;

public sealed class PlacementFilterTests
{
    private static readonly TimeSpan ExpiresAt = TimeSpan.FromSeconds(15);

    private readonly SlotView _slots = new(TimeSpan.FromMinutes(1));
    private readonly CoolDown _coolDown = new();
    private readonly NodeReport _report = Reports.Of("n1");
    private readonly Reserve _request = new() { Models = { Reports.Model }, Provider = new ProviderPreferences() };
    private TimeSpan _now = TimeSpan.Zero;

    [Fact]
    public void Live_DrainingOrExpired_IsNot()
    {
        Assert.True(Admits(PlacementFilters.Live));
        _now = ExpiresAt;
        Assert.False(Admits(PlacementFilters.Live));
        _now = TimeSpan.Zero;
        _report.State.Draining = true;
        Assert.False(Admits(PlacementFilters.Live));
    }

    [Fact]
    public void NotTried_ExcludedNode_NeverAgain()
    {
        _request.ExcludeNodes.Add("n2");
        Assert.True(Admits(PlacementFilters.NotTried));
        _request.ExcludeNodes.Add("n1");
        Assert.False(Admits(PlacementFilters.NotTried));
    }

    [Fact]
    public void Wanted_OnlySomeNodes_NoOther()
    {
        _request.OnlyNodes.Add("n2");
        Assert.False(Admits(PlacementFilters.Wanted));
        _request.OnlyNodes.Add("n1");
        Assert.True(Admits(PlacementFilters.Wanted));
    }

    [Theory]
    [InlineData("alice", true)]
    [InlineData("ALICE", true)]
    [InlineData("alice-id", true)]
    [InlineData("bob", false)]
    public void Provider_Only_AdmitsTheNamed(string only, bool admitted)
    {
        _request.Provider.Only.Add(only);
        Assert.Equal(admitted, Admits(PlacementFilters.Provider));
    }

    [Theory]
    [InlineData("alice", false)]
    [InlineData("bob", true)]
    public void Provider_Ignore_RemovesTheNamed(string ignored, bool admitted)
    {
        _request.Provider.Ignore.Add(ignored);
        Assert.Equal(admitted, Admits(PlacementFilters.Provider));
    }

    [Theory]
    [InlineData("bob", true, false)]
    [InlineData("bob", false, true)]
    [InlineData("alice", true, true)]
    public void Provider_Order_BindsOnlyWithoutFallbacks(string first, bool disallowFallbacks, bool admitted)
    {
        _request.Provider.Order.Add(first);
        _request.Provider.DisallowFallbacks = disallowFallbacks;
        Assert.Equal(admitted, Admits(PlacementFilters.Provider));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    [InlineData(uint.MaxValue, false)]
    public void EnoughSlots_MoreChoicesThanSlots_Never(uint choices, bool admitted)
    {
        _request.Slots = choices;
        Assert.Equal(admitted, Admits(PlacementFilters.EnoughSlots));
    }

    [Fact]
    public void Capabilities_OneMissing_DoesNotAdmit()
    {
        _request.RequiredCapabilities.Add("seed");
        Assert.True(Admits(PlacementFilters.Capabilities));
        _request.RequiredCapabilities.Add("tools");
        Assert.False(Admits(PlacementFilters.Capabilities));
    }

    [Theory]
    [InlineData(4000, 96, true)]
    [InlineData(4000, 97, false)]
    [InlineData(4095, 0, true)]
    [InlineData(4096, 0, false)]
    [InlineData(uint.MaxValue, uint.MaxValue, false)]
    public void Context_PromptAndAnswer_FitTheWindow(uint prompt, uint maxTokens, bool admitted)
    {
        (_request.PromptTokens, _request.MaxTokens) = (prompt, maxTokens);
        Assert.Equal(admitted, Admits(PlacementFilters.Context));
    }

    [Theory]
    [InlineData(100, 50, 1000, true)]
    [InlineData(101, 50, 1000, false)]
    [InlineData(100, 51, 1000, false)]
    [InlineData(100, 50, 1001, false)]
    public void NodeLimits_TheHostersOwn_Hold(uint prompt, uint maxTokens, uint body, bool admitted)
    {
        _report.State.Limits = new NodeLimits { MaxPromptTokens = 100, MaxCompletionTokens = 50, MaxBodyBytes = 1000 };
        (_request.PromptTokens, _request.MaxTokens, _request.BodyBytes) = (prompt, maxTokens, body);
        Assert.Equal(admitted, Admits(PlacementFilters.NodeLimits));
    }

    [Fact]
    public void NodeLimits_None_AdmitAll()
    {
        (_request.PromptTokens, _request.MaxTokens, _request.BodyBytes) = (1_000_000, 1_000_000, 1_000_000);
        Assert.True(Admits(PlacementFilters.NodeLimits));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(100L, 100L, true)]
    [InlineData(99L, null, false)]
    [InlineData(null, 99L, false)]
    [InlineData(0L, null, false)]
    public void PriceCeiling_InputAndOutput_AreLookedAtEach(long? input, long? output, bool admitted)
    {
        if (input is { } inputCeiling)
        {
            _request.Provider.MaxPriceInput = inputCeiling;
        }

        if (output is { } outputCeiling)
        {
            _request.Provider.MaxPriceOutput = outputCeiling;
        }

        Assert.Equal(admitted, Admits(PlacementFilters.PriceCeiling));
    }

    [Theory]
    [InlineData("Q4_K_M", "q4_k_m", true)]
    [InlineData("Q4_K_M", "F16", false)]
    [InlineData("Q4_K_M", "int4", true)]
    [InlineData("Q8_0", "int4", false)]
    [InlineData("", "F16", false)]
    [InlineData("", "unknown", true)]
    public void Quantization_Listed_IsAdmitted(string ofNode, string listed, bool admitted)
    {
        _report.State.Models[0].Quantization = ofNode;
        _request.Provider.Quantizations.Add(listed);
        Assert.Equal(admitted, Admits(PlacementFilters.Quantization));
    }

    [Theory]
    [InlineData(3, 1, true)]
    [InlineData(3, 2, false)]
    [InlineData(4, 1, false)]
    public void FreeSlots_AsLastHeard_AreEnough(int taken, uint choices, bool admitted)
    {
        _slots.Hear(taken, 1, TimeSpan.Zero, ExpiresAt);
        _request.Slots = choices;
        Assert.Equal(admitted, Admits(PlacementFilters.FreeSlots));
    }

    [Fact]
    public void HonestCounts_NodeThatWasFoundTooOften_IsNot()
    {
        _report.CountsFound = 2;
        Assert.True(Admits(PlacementFilters.HonestCounts));
        _report.CountsBarred = true;
        Assert.False(Admits(PlacementFilters.HonestCounts));
    }

    [Fact]
    public void HonestAnswers_NodeThatProbesWereAgainstTooOften_IsNot()
    {
        _report.ProbesFound = 2;
        Assert.True(Admits(PlacementFilters.HonestAnswers));
        _report.ProbesBarred = true;
        Assert.False(Admits(PlacementFilters.HonestAnswers));
    }

    [Fact]
    public void NotCoolingDown_AfterAFailure_IsAgainWhenItsTimeIsOver()
    {
        Assert.True(Admits(PlacementFilters.NotCoolingDown));
        _coolDown.Hear(1, version: 2, until: TimeSpan.FromSeconds(1));
        Assert.False(Admits(PlacementFilters.NotCoolingDown));
        _coolDown.Hear(0, version: 1, until: TimeSpan.Zero);
        Assert.False(Admits(PlacementFilters.NotCoolingDown));
        _now = TimeSpan.FromSeconds(1);
        Assert.True(Admits(PlacementFilters.NotCoolingDown));
    }

    [Fact]
    public void All_EveryFilter_HasItsOwnName()
    {
        Assert.Equal(PlacementFilters.All.Length, PlacementFilters.All.Select(filter => filter.Name).Distinct().Count());
    }

    private bool Admits(PlacementFilter filter)
    {
        var node = new NodeSnapshot(_report, new NodeMemory(_slots, _coolDown, new(new())), ExpiresAt, Reports.Scores, _now);
        return filter.Admits(new PlacementQuestion(_request, NodeIndex.Empty.With(node), _now), node.Offers[0]);
    }
}
