using ComputeShare.Contracts.Inference;
using ComputeShare.Scheduler.Measuring;

namespace ComputeShare.Scheduler.Tests.Measuring;

public sealed class NodeMeasuresTests
{
    private static readonly MeasuredSpeed Told = new() { TtftMs = 400, TokensPerSecond = 40 };

    private readonly NodeMeasures _measures = new(new MeasuringOptions());
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void Read_NoTraffic_IsWhatTheNodeSays()
    {
        Assert.Equal(new Measure(400, 0, 40, 0), Read(Told));
        Assert.Equal(new Measure(0, 0, 0, 0), Read(null));
    }

    [Fact]
    public void Read_FirstTraffic_CountsBeforeWhatTheNodeSays()
    {
        Add(ttft: 100, speed: 90);

        Assert.Equal((100, 90), (Read(Told).TtftMs, Read(Told).TokensPerSecond));
    }

    [Fact]
    public void Read_SpeedChanged_IsMostlyTheNewAfterTwentyAttempts()
    {
        for (var i = 0; i < 50; i++)
        {
            Add(ttft: 100, speed: 100);
        }

        for (var i = 0; i < 20; i++)
        {
            Add(ttft: 1000, speed: 10);
        }

        Assert.InRange(Read().TtftMs, 850, 1000);
        Assert.InRange(Read().TokensPerSecond, 10, 25);
    }

    [Fact]
    public void Read_OneInFiveHangs_ShowsInThePercentile()
    {
        for (var i = 0; i < 100; i++)
        {
            Add(ttft: i % 5 == 0 ? 8000u : 100u);
        }

        Assert.InRange(Read().SlowTtftMs, 8000, 12000);
    }

    [Fact]
    public void Read_OneInFifty_IsNoPercentile()
    {
        for (var i = 0; i < 100; i++)
        {
            Add(ttft: i % 50 == 0 ? 8000u : 100u);
        }

        Assert.InRange(Read().SlowTtftMs, 100, 150);
    }

    [Fact]
    public void Read_FailuresThenTimeWithoutTraffic_AreForgottenByHalves()
    {
        Add(failed: true);
        Assert.Equal(0.1, Read().ErrorRate, 6);

        _now += TimeSpan.FromMinutes(5);
        Assert.Equal(0.05, Read().ErrorRate, 6);
    }

    [Fact]
    public void Read_FailuresThenSuccesses_FadeWithEachSuccess()
    {
        Add(failed: true);
        Add(failed: false);

        Assert.Equal(0.09, Read().ErrorRate, 6);
    }

    [Fact]
    public void Read_MeasuredLongAgo_GoesBackToWhatTheNodeSays()
    {
        Add(ttft: 100, speed: 90);
        _now += TimeSpan.FromHours(2);

        Assert.InRange(Read(Told).TtftMs, 399, 400);
        Assert.InRange(Read(Told).TokensPerSecond, 40, 41);
    }

    [Fact]
    public void Read_MeasuredLongAgoAndBoasting_IsNoBetterThanNodesThatSayNothing()
    {
        Add(ttft: 60_000, speed: 1);
        _now += TimeSpan.FromHours(2);

        Assert.Equal((1000d, 1000d, 20d), Rounded(Read(Told)));
        Assert.Equal((1000d, 1000d, 20d), Rounded(Read(null)));
    }

    [Fact]
    public void Read_MeasuredLongAgoAndBoasting_IsNoBetterThanItWas()
    {
        Add(ttft: 100, speed: 90);
        _now += TimeSpan.FromHours(2);

        var boasting = Read(new MeasuredSpeed { TtftMs = 1, TokensPerSecond = 1_000_000 });

        Assert.Equal((100, 90), (Math.Round(boasting.TtftMs), Math.Round(boasting.TokensPerSecond)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-1f)]
    public void Read_ClaimThatIsNoSpeed_IsNone(float claim)
    {
        var told = new MeasuredSpeed { TtftMs = claim, TokensPerSecond = claim };
        Assert.Equal(Read(null), Read(told));

        Add(ttft: 100, speed: 90);
        _now += TimeSpan.FromHours(1);

        Assert.Equal(Read(null), Read(told));
    }

    [Fact]
    public void Read_OtherModelOfTheNode_SharesItsErrorsOnly()
    {
        Add(ttft: 60_000, failed: true);

        var other = _measures.Read("acme/other", Told, _now);

        Assert.Equal((400, 0.1), (other.TtftMs, Math.Round(other.ErrorRate, 6)));
    }

    private static (double Ttft, double SlowTtft, double Speed) Rounded(Measure measure) =>
        (Math.Round(measure.TtftMs), Math.Round(measure.SlowTtftMs), Math.Round(measure.TokensPerSecond));

    private void Add(uint ttft = 0, float speed = 0, bool? failed = null) =>
        _measures.Add(new AttemptSample("n1", Reports.Model, failed, ttft, speed), _now);

    private Measure Read(MeasuredSpeed? told = null) => _measures.Read(Reports.Model, told, _now);
}
