using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Probing;
using ComputeShare.Billing.Verdicts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Tests.Probing;

public sealed class ProbeVerdictTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);

    private static readonly ProbeResult Good = new() { Compared = true };
    private static readonly ProbeResult Other = new() { Compared = true, Differs = true };

    private readonly ProbingOptions _options = new();
    private readonly NodeProbesRow _row = new() { NodeId = "node", ModelId = "model" };

    [Theory]
    [InlineData(0, Verdict.Honest)]
    [InlineData(4, Verdict.Honest)]
    [InlineData(5, Verdict.Found)]
    [InlineData(20, Verdict.Found)]
    internal void Add_TwentyProbes_AreFoundFromMoreThanAFifthOn(int against, Verdict verdict) => Assert.Equal(verdict, Window(against, Other));

    [Fact]
    public void Add_OneProbeTooFew_IsNoVerdict()
    {
        for (var probe = 0; probe < 19; probe++)
        {
            Assert.Equal(Verdict.None, Add(Other));
        }

        Assert.Null(_row.LastPercent);
    }

    [Fact]
    public void Add_SeveralReasons_AreToldTheMostFrequentFirstAndCountOnceAProbe()
    {
        Window(3, new ProbeResult { Empty = true });
        Assert.Equal((15, Verdict.Honest), (_row.LastPercent, Last));
        Assert.Empty(_row.LastReasons);

        for (var probe = 0; probe < 10; probe++)
        {
            Add(new ProbeResult { HeldBack = true });
            Add(probe < 4 ? new ProbeResult { Repeated = true, Compared = true, Differs = true, HeldBack = true } : Good);
        }

        Assert.Equal(["held_back", "differs", "repeated"], _row.LastReasons);
        Assert.Equal((40L, 27L, 17L, 70), (_row.Probes, _row.Compared, _row.Suspicious, _row.LastPercent));
        Assert.Equal((0, 0), (_row.WindowProbes, _row.WindowSuspicious));
    }

    [Fact]
    public void Add_ThreeInARow_BarsTheNodeAndAnHonestVerdictBetweenBeginsAnew()
    {
        Window(20, Other);
        Window(20, Other);
        Window(0, Other);
        Assert.Equal((2, 0), (_row.Found, _row.FoundInRow));

        Window(20, Other);
        Window(20, Other);
        Assert.Null(_row.Barred);
        Assert.Equal(Verdict.Barred, Window(20, Other));
        Assert.Equal(Now, _row.Barred);
    }

    /// <summary>
    /// What the default settings let pass: an honest node of which one probe in fifty is odd would be found once in ten thousand verdicts, and
    /// never thrice in a row.
    /// </summary>
    [Fact]
    public void Add_HonestNodesWithOddProbes_AreNeverBarredAndHardlyFound()
    {
        var random = new Random(20261126);
        var found = 0;
        for (var node = 0; node < 200; node++)
        {
            var row = new NodeProbesRow { NodeId = "node", ModelId = "model" };
            for (var probe = 0; probe < 20 * 50; probe++)
            {
                ProbeVerdicts.Add(row, random.Next(50) == 0 ? Other : Good, _options, Now);
            }

            Assert.Null(row.Barred);
            found += row.Found;
        }

        Assert.InRange(found, 0, 10);
    }

    private Verdict Last => _row.FoundInRow > 0 ? Verdict.Found : Verdict.Honest;

    /// <returns>The verdict on twenty probes.</returns>
    private Verdict Window(int against, ProbeResult probe)
    {
        var verdict = Verdict.None;
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(Verdict.None, verdict);
            verdict = Add(i < against ? probe : Good);
        }

        return verdict;
    }

    private Verdict Add(ProbeResult probe) => ProbeVerdicts.Add(_row, probe, _options, Now);
}
