using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.Tests.Completions;

public sealed class RefusalReasonTests
{
    [Fact]
    public void Text_SeveralFilters_SaysInTheirOrderWhatEachRuledOut()
    {
        var explanation = new Explanation { Candidates = 5, Filtered = { ["free_slots"] = 1, ["price"] = 4 } };

        Assert.Equal(
            "Of 5 offers were ruled out: 4 by price (it costs more than 'provider.max_price'), then 1 by free_slots (every slot is taken).",
            RefusalReason.Text(explanation));
        Assert.Null(RefusalReason.Param(explanation));
    }

    [Theory]
    [InlineData("price", "provider.max_price")]
    [InlineData("quantization", "provider.quantizations")]
    [InlineData("provider", "provider")]
    [InlineData("cooling_down", null)]
    public void Param_TheFilterThatEmptiedTheList_IsTheFieldToChange(string filter, string? param) =>
        Assert.Equal(param, RefusalReason.Param(new Explanation { Candidates = 2, Filtered = { ["live"] = 1, [filter] = 1 } }));

    [Fact]
    public void Text_NoOffers_SaysSo()
    {
        Assert.Equal("No live node offers the model.", RefusalReason.Text(new Explanation()));
        Assert.Equal("No live node offers the model.", RefusalReason.Text(null));
    }
}
