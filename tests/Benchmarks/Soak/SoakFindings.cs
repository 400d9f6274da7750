using ComputeShare.TestSupport.Crashes;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>What a <see cref="SoakRun"/> has shown.</summary>
/// <param name="Unexplained">Requests that failed while nothing was dead or had just come back.</param>
/// <param name="Handles">Of the processes that lived all along: at rest before and after.</param>
internal sealed record SoakFindings(
    CrashFindings Money,
    SoakLeftovers Left,
    IReadOnlyList<SoakAnswer> Unexplained,
    IReadOnlyList<SoakLife> Lives,
    IReadOnlyDictionary<string, (int Before, int After)> Handles,
    IReadOnlyList<TimeSpan> EarlyFirstTokens,
    IReadOnlyList<TimeSpan> LateFirstTokens)
{
    private static readonly TimeSpan MayGoUnbilled = TimeSpan.FromSeconds(1);

    // Sessions are opened again, nodes join again, slots of the dead come back.
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(10);

    public static async Task<SoakFindings> ReadAsync(SoakRun run, Cluster cluster, IReadOnlyDictionary<string, int> handlesBefore)
    {
        var left = await SoakLeftovers.ReadAsync(cluster);
        var money = await CrashFindings.ReadAsync(
            [.. run.Answers.Select(answer => (answer.Gateway, answer.Answer))],
            [.. run.Kills.Select(kill => (kill.Replica, kill.At))],
            run.BilledBefore,
            cluster,
            MayGoUnbilled,
            CancellationToken.None);
        var handlesAfter = await SoakRun.RestAsync(cluster);
        var third = run.Length / 3;
        return new SoakFindings(
            money,
            left,
            [.. run.Answers.Where(answer => answer.HasFailed && !run.Kills.Any(kill => IsDueTo(kill, answer)))],
            SoakLife.Of(run.Samples),
            handlesBefore.Keys.Where(process => !run.Kills.Any(kill => kill.Replica.Name == process))
                .ToDictionary(process => process, process => (handlesBefore[process], handlesAfter[process])),
            FirstTokens(run, run.Start, run.Start + third),
            FirstTokens(run, run.Start + (2 * third), run.Start + run.Length));
    }

    private static bool IsDueTo(SoakKill kill, SoakAnswer answer) => answer.Ended >= kill.At && answer.Asked <= kill.Well + Aftermath;

    private static IReadOnlyList<TimeSpan> FirstTokens(SoakRun run, DateTimeOffset from, DateTimeOffset to) =>
        [.. run.Answers.Where(answer => answer.Ended >= from && answer.Ended < to).Select(answer => answer.FirstToken).OfType<TimeSpan>().Order()];
}
