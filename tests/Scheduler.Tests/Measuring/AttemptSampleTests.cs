using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Measuring;

namespace ComputeShare.Scheduler.Tests.Measuring;

public sealed class AttemptSampleTests
{
    private readonly AttemptReport _report = new()
    {
        Result = AttemptResult.Succeeded,
        ModelId = Reports.Model,
        TtftMs = 120,
        CompletionTokens = 101,
        DecodeMs = 2000,
    };

    [Fact]
    public void Of_ASuccess_HasItsSpeeds()
    {
        Assert.Equal(new AttemptSample("n1", Reports.Model, false, 120, 50), Sample());
    }

    [Fact]
    public void Of_SeveralChoices_IsTheSpeedOfOneStream()
    {
        _report.CompletionTokens = 204;

        Assert.Equal(25, Sample(slots: 4)!.TokensPerSecond);
    }

    [Theory]
    [InlineData(7, 2000)]
    [InlineData(100, 19)]
    public void Of_TooLittleToMeasure_HasNoSpeed(uint tokens, uint milliseconds)
    {
        (_report.CompletionTokens, _report.DecodeMs) = (tokens, milliseconds);

        Assert.Equal(0, Sample()!.TokensPerSecond);
    }

    [Theory]
    [InlineData(AttemptResult.NodeFailed, true)]
    [InlineData(AttemptResult.Blameless, null)]
    [InlineData(AttemptResult.SlotsFull, null)]
    public void Of_AnotherEnd_SaysWhoseFaultItWas(AttemptResult result, bool? failed)
    {
        _report.Result = result;

        Assert.Equal(failed, Sample()!.Failed);
    }

    [Fact]
    public void Of_ClientThatLeftBeforeContent_ShowsNothing()
    {
        Assert.Null(AttemptSample.Of(new Release
        {
            NodeId = "n1",
            Report = new AttemptReport { Result = AttemptResult.Blameless, ModelId = Reports.Model },
        }));
    }

    private AttemptSample? Sample(int slots = 1) =>
        AttemptSample.Of(new Release { NodeId = "n1", LeaseId = new string('a', 32) + "-" + slots, Report = _report });
}
