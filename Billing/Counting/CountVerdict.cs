using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Counting;

internal enum CountVerdict
{
    /// <summary>Too few tokens yet.</summary>
    None,
    Honest,
    Found,

    /// <summary>Found once too often.</summary>
    Barred,
}

/// <summary>Adds what gateways compared to what is known of a node, and judges it when it is enough.</summary>
internal static class CountVerdicts
{
    private const int BasisPoints = 10_000;
    private const long Million = 1_000_000;

    public static CountVerdict Add(NodeCountsRow row, NodeCounts more, CountingOptions options, DateTimeOffset now)
    {
        row.Answers += (long)more.Answers;
        row.Counted += (long)more.CountedTokens;
        row.Reported += (long)more.ReportedTokens;
        row.CountedPrompt += (long)more.CountedPromptTokens;
        row.ReportedPrompt += (long)more.ReportedPromptTokens;
        row.WindowCounted += (long)more.CountedTokens;
        row.WindowReported += (long)more.ReportedTokens;
        row.Updated = now;
        return row.WindowCounted < options.Tokens ? CountVerdict.None : Judge(row, options, now);
    }

    private static CountVerdict Judge(NodeCountsRow row, CountingOptions options, DateTimeOffset now)
    {
        var isTooHigh = (Int128)row.WindowReported * BasisPoints > (Int128)row.WindowCounted * (BasisPoints + options.ToleranceBasisPoints);
        row.LastPerMillion = (long)((Int128)row.WindowReported * Million / row.WindowCounted);
        (row.WindowCounted, row.WindowReported) = (0, 0);
        if (!isTooHigh)
        {
            row.FoundInRow = 0;
            return CountVerdict.Honest;
        }

        row.Found++;
        row.FoundInRow++;
        if (row.FoundInRow < options.Strikes)
        {
            return CountVerdict.Found;
        }

        row.Barred ??= now;
        return CountVerdict.Barred;
    }
}
