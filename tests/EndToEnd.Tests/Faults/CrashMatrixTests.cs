using ComputeShare.TestSupport.Crashes;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>Processes killed (-9) at steps of requests, under traffic. The long form is <c>./bench crash --kills 1000</c>.</summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
public sealed class CrashMatrixTests(Cluster cluster, ITestOutputHelper output)
{
    // A busy machine's timers are late by as much again.
    private static readonly TimeSpan MayGoUnbilled = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EachKindOfProcess_KilledWhereMoneyMoves_MoneyIsRight() => await KillAsync(
        (
            [
                new(CrashVictim.Gateway, "gateway.token"),
                new(CrashVictim.Scheduler, "scheduler.release"),
                new(CrashVictim.Billing, "billing.settle.after-commit"),
            ],
            Streaming: true),
        (
            [
                new(CrashVictim.Node, "node.generate.finished"),
                new(CrashVictim.Postgres, "billing.settle.before-commit"),
            ],
            Streaming: false));

    [Fact]
    [Trait("Length", "Long")]
    public async Task EveryProcess_KilledAtEveryStep_MoneyIsRight() =>
        await KillAsync((CrashPoint.All, Streaming: true), (CrashPoint.All, Streaming: false));

    private async Task KillAsync(params (IReadOnlyList<CrashPoint> Points, bool Streaming)[] rounds)
    {
        await cluster.BecomeWellAsync(Token);
        var run = new CrashRun(cluster);

        await run.RunAsync(rounds, crash => output.WriteLine($"{crash.At:HH:mm:ss.fff} {crash.Point}"), Token);

        var findings = await CrashFindings.ReadAsync(run, cluster, MayGoUnbilled, Token);
        output.WriteLine($"{findings}\n{string.Join('\n', findings.Faults)}");
        Assert.Equal((0, 0, 0, 0, 0L), (findings.Lost, findings.Doubled, findings.Overbilled, findings.HoldsLeft, findings.LedgerSum));
        Assert.True(findings.Served > run.Crashes.Count, $"{findings}");
        await cluster.Books.WaitUntilClosedAsync(Token);
    }
}
