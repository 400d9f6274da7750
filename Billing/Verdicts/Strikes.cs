using ComputeShare.Billing.Persistence.Rows;

namespace ComputeShare.Billing.Verdicts;

internal static class Strikes
{
    /// <summary>Writes down a verdict that is against the node, or in its favour.</summary>
    /// <param name="row">What is known of the node's model.</param>
    /// <param name="isAgainst">Against it.</param>
    /// <param name="strikes">So many in a row bar it.</param>
    /// <param name="now">Since then.</param>
    public static Verdict Count(IJudgedRow row, bool isAgainst, int strikes, DateTimeOffset now)
    {
        if (!isAgainst)
        {
            row.FoundInRow = 0;
            return Verdict.Honest;
        }

        row.Found++;
        row.FoundInRow++;
        if (row.FoundInRow < strikes)
        {
            return Verdict.Found;
        }

        row.Barred ??= now;
        return Verdict.Barred;
    }
}
