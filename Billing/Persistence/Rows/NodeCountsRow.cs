namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>How a node's own token counts of a model compare with the gateways'.</summary>
internal sealed class NodeCountsRow : IJudgedRow
{
    public required string NodeId { get; init; }

    public NodeRow? Node { get; init; }

    public required string ModelId { get; init; }

    /// <summary>Answers that could be compared, all times.</summary>
    public long Answers { get; set; }

    /// <summary>Completion tokens as the gateways counted them.</summary>
    public long Counted { get; set; }

    /// <summary>The same as the node reported them.</summary>
    public long Reported { get; set; }

    public long CountedPrompt { get; set; }

    public long ReportedPrompt { get; set; }

    /// <summary>Since the last verdict.</summary>
    public long WindowCounted { get; set; }

    public long WindowReported { get; set; }

    /// <summary>Reported per million counted, at the last verdict; 0 before the first.</summary>
    public long LastPerMillion { get; set; }

    /// <summary>Verdicts against it, all times.</summary>
    public int Found { get; set; }

    /// <summary>Verdicts against it since the last one in its favour.</summary>
    public int FoundInRow { get; set; }

    /// <summary>Since when it gets no work for it; null = it does.</summary>
    public DateTimeOffset? Barred { get; set; }

    public DateTimeOffset Updated { get; set; }
}
