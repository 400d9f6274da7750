using ComputeShare.Billing.Counting;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Verdicts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Tests.Counting;

public sealed class CountVerdictTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);

    private readonly CountingOptions _options = new();
    private readonly NodeCountsRow _row = new() { NodeId = "node", ModelId = "model" };

    [Theory]
    [InlineData(20_000, 20_000, Verdict.Honest)]
    [InlineData(20_000, 20_100, Verdict.Honest)]
    [InlineData(20_000, 20_101, Verdict.Found)]
    [InlineData(20_000, 200_000, Verdict.Found)]
    [InlineData(20_000, 100, Verdict.Honest)]
    [InlineData(19_999, 200_000, Verdict.None)]
    internal void Add_ReportedAboveCounted_IsFoundFromHalfAPercentOn(ulong counted, ulong reported, Verdict verdict) =>
        Assert.Equal(verdict, Add(counted, reported));

    [Fact]
    public void Add_ManySmallReports_IsJudgedWhenTheyAreEnough()
    {
        for (var report = 0; report < 199; report++)
        {
            Assert.Equal(Verdict.None, Add(100, 101));
        }

        Assert.Equal(Verdict.Found, Add(100, 101));
        Assert.Equal((0, 0, 1_010_000), (_row.WindowCounted, _row.WindowReported, _row.LastPerMillion));
        Assert.Equal((20_000, 20_200, 200), (_row.Counted, _row.Reported, _row.Answers));
    }

    [Fact]
    public void Add_ThreeInARow_BarsTheNode()
    {
        Assert.Equal([Verdict.Found, Verdict.Found], [Add(20_000, 22_000), Add(20_000, 22_000)]);
        Assert.Null(_row.Barred);
        Assert.Equal(Verdict.Barred, Add(20_000, 22_000));
        Assert.Equal(Now, _row.Barred);
    }

    [Fact]
    public void Add_AnHonestVerdictBetween_BeginsTheRowAnew()
    {
        Add(20_000, 22_000);
        Add(20_000, 22_000);
        Add(20_000, 20_000);
        Add(20_000, 22_000);

        Assert.Equal((3, 1), (_row.Found, _row.FoundInRow));
        Assert.Null(_row.Barred);
    }

    private Verdict Add(ulong counted, ulong reported) =>
        CountVerdicts.Add(_row, new NodeCounts { Answers = 1, CountedTokens = counted, ReportedTokens = reported }, _options, Now);
}
