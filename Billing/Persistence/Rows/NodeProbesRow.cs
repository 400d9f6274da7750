namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>What probes of a node's model have shown: counts, and never what was asked or answered.</summary>
internal sealed class NodeProbesRow : IJudgedRow
{
    public required string NodeId { get; init; }

    public NodeRow? Node { get; init; }

    public required string ModelId { get; init; }

    /// <summary>All times, as the next two.</summary>
    public long Probes { get; set; }

    /// <summary>Those that were compared with a trusted hoster's answer.</summary>
    public long Compared { get; set; }

    /// <summary>Those that were against the node.</summary>
    public long Suspicious { get; set; }

    /// <summary>Since the last verdict, as all of the window's.</summary>
    public int WindowProbes { get; set; }

    public int WindowSuspicious { get; set; }

    public int WindowDiffering { get; set; }

    public int WindowEmpty { get; set; }

    public int WindowHeldBack { get; set; }

    public int WindowRepeated { get; set; }

    /// <summary>How many of a hundred were against it, at the last verdict; null before the first.</summary>
    public int? LastPercent { get; set; }

    /// <summary>Of the last verdict, if it was against the node: the most frequent first.</summary>
    public string[] LastReasons { get; set; } = [];

    /// <summary>Verdicts against it, all times.</summary>
    public int Found { get; set; }

    /// <summary>Verdicts against it since the last one in its favour.</summary>
    public int FoundInRow { get; set; }

    /// <summary>Since when the node gets no work for it; null = it does.</summary>
    public DateTimeOffset? Barred { get; set; }

    public DateTimeOffset Updated { get; set; }
}
