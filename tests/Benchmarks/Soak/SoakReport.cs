using System.Globalization;
using System.Text.Json.Nodes;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>A <see cref="SoakRun"/> for people, and as figures.</summary>
internal static class SoakReport
{
    private const double Megabyte = 1024 * 1024;

    public static IEnumerable<string> Write(SoakRun run, SoakFindings findings)
    {
        var (money, left) = (findings.Money, findings.Left);
        yield return Row($"{run.Length.TotalMinutes:0} minutes, {run.Answers.Count:N0} requests, {run.Kills.Count} kills, {run.Start:d MMMM yyyy}. Failed while nothing was dead or had just come back: {findings.Unexplained.Count}.");
        yield return Row($"Left over: {left.Slots} slots, {left.Requests} running requests, {left.Holds} holds, {left.Settlements} settlements. Sum of the ledger: {money.LedgerSum}; lost: {money.Lost},");
        yield return Row($"doubled: {money.Doubled}, overbilled: {money.Overbilled}; the most that a dying gateway gave away: {money.Unbilled.TotalMilliseconds:0} ms of tokens.");
        yield return "";
        yield return "| asked for | requests | served | limited | failed beside kills | failed else |";
        yield return "| --- | ---: | ---: | ---: | ---: | ---: |";
        foreach (var kind in run.Answers.GroupBy(answer => answer.Request.Kind).OrderByDescending(kind => kind.Count()))
        {
            var unexplained = findings.Unexplained.Count(answer => answer.Request.Kind == kind.Key);
            yield return Row($"| {kind.Key} | {kind.Count():N0} | {kind.Count(answer => answer.IsServed):N0} | {kind.Count(answer => answer.IsLimited):N0} | {kind.Count(answer => answer.HasFailed) - unexplained:N0} | {unexplained:N0} |");
        }

        yield return "";
        yield return "| first token | first third | last third |";
        yield return "| --- | ---: | ---: |";
        foreach (var part in new[] { 0.5, 0.99 })
        {
            yield return Row($"| p{part * 100:0}, ms | {Milliseconds(part, findings.EarlyFirstTokens):N0} | {Milliseconds(part, findings.LateFirstTokens):N0} |");
        }

        yield return "";
        yield return "| process | lived, min | memory, MiB | grew | handles | threads | handles at rest, before and after |";
        yield return "| --- | ---: | ---: | ---: | ---: | ---: | ---: |";
        foreach (var life in findings.Lives.Where(life => life.Lived > run.Length / 4))
        {
            var rest = findings.Handles.TryGetValue(life.Process, out var handles) ? Row($"{handles.Before} → {handles.After}") : "";
            yield return Row($"| {life.Process} | {life.Lived.TotalMinutes:0.0} | {life.First.Memory / Megabyte:0} → {life.Last.Memory / Megabyte:0} | {life.MemoryGrowth - 1:+0.0%;-0.0%;0.0%} | {life.First.Handles:0} → {life.Last.Handles:0} | {life.First.Threads:0} → {life.Last.Threads:0} | {rest} |");
        }
    }

    /// <summary>What a reader needs to find out why.</summary>
    public static IEnumerable<string> Faults(SoakFindings findings) => findings.Money.Faults.Concat(findings.Unexplained.Select(answer =>
        Row($"failed: {answer.Request.Kind} at gateway {answer.Gateway + 1}, {answer.Asked:HH:mm:ss.fff} to {answer.Ended:HH:mm:ss.fff}{(answer.IsStuck ? ", stuck" : "")}: {answer.Answer}")));

    public static JsonObject Figures(SoakRun run, SoakFindings findings)
    {
        var whole = findings.Lives.Where(life => findings.Handles.ContainsKey(life.Process)).ToArray();
        return new JsonObject
        {
            ["minutes"] = Math.Round(run.Length.TotalMinutes, 1),
            ["requests"] = run.Answers.Count,
            ["served"] = run.Answers.Count(answer => answer.IsServed),
            ["limited"] = run.Answers.Count(answer => answer.IsLimited),
            ["kills"] = run.Kills.Count,
            ["unexplained_failures"] = findings.Unexplained.Count,
            ["left_over"] = findings.Left.Sum,
            ["ledger_sum"] = findings.Money.LedgerSum,
            ["lost"] = findings.Money.Lost,
            ["doubled"] = findings.Money.Doubled,
            ["overbilled"] = findings.Money.Overbilled,
            ["memory_growth_most"] = Math.Round(whole.Max(life => life.MemoryGrowth), 3),
            ["handles_growth_most"] = Math.Round(whole.Max(life => life.HandleGrowth), 1),
            ["threads_growth_most"] = Math.Round(whole.Max(life => life.ThreadGrowth), 1),
            ["ttft_p99_ms_early"] = Math.Round(Milliseconds(0.99, findings.EarlyFirstTokens)),
            ["ttft_p99_ms_late"] = Math.Round(Milliseconds(0.99, findings.LateFirstTokens)),
        };
    }

    private static double Milliseconds(double part, IReadOnlyList<TimeSpan> sorted) =>
        sorted.Count == 0 ? 0 : Percentile.Of(sorted, part).TotalMilliseconds;

    private static string Row(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
