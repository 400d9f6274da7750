using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Verdicts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Counting;

/// <summary>Adds what gateways compared to what is known of a node, and judges it when it is enough.</summary>
internal static class CountVerdicts
{
    private const int BasisPoints = 10_000;
    private const long Million = 1_000_000;

    public static Verdict Add(NodeCountsRow row, NodeCounts more, CountingOptions options, DateTimeOffset now)
    {
        row.Answers += (long)more.Answers;
        row.Counted += (long)more.CountedTokens;
        row.Reported += (long)more.ReportedTokens;
        row.CountedPrompt += (long)more.CountedPromptTokens;
        row.ReportedPrompt += (long)more.ReportedPromptTokens;
        row.WindowCounted += (long)more.CountedTokens;
        row.WindowReported += (long)more.ReportedTokens;
        row.Updated = now;
        return row.WindowCounted < options.Tokens ? Verdict.None : Judge(row, options, now);
    }

    private static Verdict Judge(NodeCountsRow row, CountingOptions options, DateTimeOffset now)
    {
        var isTooHigh = (Int128)row.WindowReported * BasisPoints > (Int128)row.WindowCounted * (BasisPoints + options.ToleranceBasisPoints);
        row.LastPerMillion = (long)((Int128)row.WindowReported * Million / row.WindowCounted);
        (row.WindowCounted, row.WindowReported) = (0, 0);
        return Strikes.Count(row, isTooHigh, options.Strikes, now);
    }
}
