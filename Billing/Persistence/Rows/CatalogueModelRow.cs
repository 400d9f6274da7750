namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>A model that the marketplace knows by one name, whoever serves it.</summary>
internal sealed class CatalogueModelRow
{
    public required string Id { get; init; }

    public string[] Aliases { get; set; } = [];

    public string[] Digests { get; set; } = [];

    public string OwnedBy { get; set; } = "";

    public int ContextLength { get; set; }

    /// <summary>Names the tokenizer file; empty = not known yet.</summary>
    public string Tokenizer { get; set; } = "";

    public int TokensPerMessage { get; set; }

    public int TokensPerRequest { get; set; }

    /// <summary>1 = best.</summary>
    public int QualityRank { get; set; }

    public long LowestInput { get; set; }

    public long LowestCachedInput { get; set; }

    public long LowestOutput { get; set; }

    public long HighestInput { get; set; }

    public long HighestCachedInput { get; set; }

    public long HighestOutput { get; set; }

    public string Description { get; set; } = "";

    public DateTimeOffset Created { get; set; }
}
