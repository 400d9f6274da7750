namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>What is known of one model at one node, and was held against it.</summary>
internal interface IJudgedRow
{
    string NodeId { get; }

    string ModelId { get; }

    /// <summary>Verdicts against it, all times.</summary>
    int Found { get; set; }

    /// <summary>Verdicts against it since the last one in its favour.</summary>
    int FoundInRow { get; set; }

    /// <summary>Since when the node gets no work for it; null = it does.</summary>
    DateTimeOffset? Barred { get; set; }
}
