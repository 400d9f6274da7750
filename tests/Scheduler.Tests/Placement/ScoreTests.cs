using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Affinity;
using ComputeShare.Scheduler.Measuring;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Placement;
using Microsoft.Extensions.Options;

namespace ComputeShare.Scheduler.Tests.Placement;

public sealed class ScoreTests
{
    private const double Within = 1;

    private readonly StaticScores _statics = Reports.Scores;
    private readonly PlacementScores _scores = new(Options.Create(new ScoreOptions()), Reports.Scores);
    private readonly SlotView _slots = new(TimeSpan.FromMinutes(1));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1_000_000_000, 1_000_000_000, -997)]
    [InlineData(2_000_000_000, 2_000_000_000, -1097)]
    [InlineData(0, 4_000_000_000, -997)]
    public void Price_Doubled_CostsAHundredPoints(long input, long output, double points) =>
        Assert.Equal(points, _statics.Price(new Prices { Input = input, Output = output }), Within);

    [Theory]
    [InlineData(100, 100, -30)]
    [InlineData(300, 300, -60)]
    [InlineData(100, 700, -60)]
    [InlineData(0, 0, -103.8)]
    public void Ttft_AverageAndSlowest_CountHalfEach(double average, double slow, double points) =>
        Assert.Equal(points, _statics.Ttft(new Measure(average, slow, 0, 0)), Within);

    [Theory]
    [InlineData(5, 50)]
    [InlineData(35, 150)]
    [InlineData(75, 200)]
    [InlineData(0, 116)]
    public void Throughput_Doubled_WinsFifty(double speed, double points) =>
        Assert.Equal(points, _statics.Throughput(new Measure(0, 0, speed, 0)), Within);

    [Fact]
    public void Errors_OneInTen_CostAsMuchAsTwiceThePrice() =>
        Assert.Equal(-100, _statics.Errors(new Measure(0, 0, 0, 0.1)), Within);

    [Fact]
    public void Verdicts_TwoInARow_CostFourTimesWhatTwiceThePriceDoes()
    {
        Assert.Equal((0, -400), (_statics.Counts(0), _statics.Counts(2)));
        Assert.Equal((0, -400), (_statics.Probes(0), _statics.Probes(2)));
        Assert.Equal(-600, _statics.Sum(new Prices(), default, new Verdicts(Counts: 2, Probes: 1)) - _statics.Sum(new Prices(), default, default), Within);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, -50)]
    [InlineData(4, -100)]
    [InlineData(9, -100)]
    public void Load_TakenSlots_CostInProportion(int taken, double points)
    {
        _slots.Hear(taken, 1, TimeSpan.Zero, TimeSpan.Zero);
        var (question, offer) = Question();
        Assert.Equal(points, _scores.Load(question, offer), Within);
    }

    [Fact]
    public void Load_UsuallyFull_CountsForThoseWhoDoNotComeBack()
    {
        _slots.Hear(4, 1, TimeSpan.Zero, TimeSpan.Zero);
        _slots.Hear(0, 2, Minutes(60), Minutes(60));
        var (stranger, offer) = Question(Minutes(60));
        var (returning, same) = Question(Minutes(60), new PrefixHolder("n1", 1));

        Assert.Equal(-100, _scores.Load(stranger, offer), Within);
        Assert.Equal(0, _scores.Load(returning, same), Within);
        Assert.Equal(-100, offer.StaticScore - Question(Minutes(90)).Offer.StaticScore, Within);
        Assert.Equal(_scores.Sum(returning, same) - 200, _scores.Sum(stranger, offer) + 100, Within);
    }

    [Theory]
    [InlineData(0, 160)]
    [InlineData(2, 160)]
    [InlineData(3, 0)]
    public void Affinity_HeldPrefix_WinsUntilTheNodeIsHot(int taken, double points)
    {
        _slots.Hear(taken, 1, TimeSpan.Zero, TimeSpan.Zero);
        var (question, offer) = Question(new PrefixHolder("n1", 0.8));
        Assert.Equal(points, _scores.Affinity(question, offer), Within);
    }

    [Fact]
    public void Affinity_HeldByAnother_WinsNothing()
    {
        var (question, offer) = Question(new PrefixHolder("n2", 1));
        Assert.Equal(0, _scores.Affinity(question, offer));
    }

    [Fact]
    public void Sum_OfAllParts_IsWhatTheExplanationShows()
    {
        _slots.Hear(1, 1, TimeSpan.Zero, TimeSpan.Zero);
        var (question, offer) = Question(new PrefixHolder("n1", 0.5));
        var explanation = new Explanation();

        _scores.Explain(question, offer, explanation);

        Assert.Equal(_scores.Sum(question, offer), explanation.Score.Values.Sum(), Within);
    }

    private static TimeSpan Minutes(int minutes) => TimeSpan.FromMinutes(minutes);

    private (PlacementQuestion Question, NodeOffer Offer) Question(params PrefixHolder[] holders) => Question(TimeSpan.Zero, holders);

    private (PlacementQuestion Question, NodeOffer Offer) Question(TimeSpan now, params PrefixHolder[] holders)
    {
        var node = new NodeSnapshot(
            Reports.Of("n1"), new NodeMemory(_slots, new CoolDown(), new NodeMeasures(new MeasuringOptions())), TimeSpan.MaxValue, _statics, now);
        return (new PlacementQuestion(new Reserve(), NodeIndex.Empty.With(node), now) { Holders = holders }, node.Offers[0]);
    }
}
