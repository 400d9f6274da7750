using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Verdicts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Probing;

/// <summary>Adds one probe to what is known of a node, and judges it when they are enough.</summary>
internal static class ProbeVerdicts
{
    public static Verdict Add(NodeProbesRow row, ProbeResult probe, ProbingOptions options, DateTimeOffset now)
    {
        var isSuspicious = probe.Differs || probe.Empty || probe.HeldBack || probe.Repeated;
        row.Probes++;
        row.Compared += One(probe.Compared);
        row.Suspicious += One(isSuspicious);
        row.WindowProbes++;
        row.WindowSuspicious += One(isSuspicious);
        row.WindowDiffering += One(probe.Differs);
        row.WindowEmpty += One(probe.Empty);
        row.WindowHeldBack += One(probe.HeldBack);
        row.WindowRepeated += One(probe.Repeated);
        row.Updated = now;
        return row.WindowProbes < options.Probes ? Verdict.None : Judge(row, options, now);
    }

    /// <summary>The next verdict is made of what comes from now on.</summary>
    private static void BeginWindow(NodeProbesRow row)
    {
        (row.WindowProbes, row.WindowSuspicious) = (0, 0);
        (row.WindowDiffering, row.WindowEmpty, row.WindowHeldBack, row.WindowRepeated) = (0, 0, 0, 0);
    }

    private static Verdict Judge(NodeProbesRow row, ProbingOptions options, DateTimeOffset now)
    {
        var isTooMany = row.WindowSuspicious * 100L > row.WindowProbes * (long)options.TolerancePercent;
        row.LastPercent = row.WindowSuspicious * 100 / row.WindowProbes;
        row.LastReasons = isTooMany ? ProbeReasons.Of(row) : [];
        BeginWindow(row);
        return Strikes.Count(row, isTooMany, options.Strikes, now);
    }

    private static int One(bool counts) => counts ? 1 : 0;
}
