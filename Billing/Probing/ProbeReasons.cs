using ComputeShare.Billing.Persistence.Rows;

namespace ComputeShare.Billing.Probing;

/// <summary>What a verdict may be for, by the names that operators and hosters read.</summary>
internal static class ProbeReasons
{
    public const string Differs = "differs";
    public const string Empty = "empty";
    public const string HeldBack = "held_back";
    public const string Repeated = "repeated";

    /// <summary>What the window's probes showed, the most frequent first.</summary>
    public static string[] Of(NodeProbesRow row) =>
    [
        .. new (string Name, int Times)[]
        {
            (Differs, row.WindowDiffering), (Empty, row.WindowEmpty), (HeldBack, row.WindowHeldBack), (Repeated, row.WindowRepeated),
        }.Where(reason => reason.Times > 0).OrderByDescending(reason => reason.Times).Select(reason => reason.Name),
    ];
}
