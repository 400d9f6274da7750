namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>A key, by its hash only. Revoked keys stay, so that what they did keeps its name.</summary>
internal sealed class ApiKeyRow
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    public AccountRow? Account { get; init; }

    /// <summary>One of <see cref="Keys.KeyKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What its owner calls it; may be empty.</summary>
    public string Name { get; set; } = "";

    public required byte[] Hash { get; set; }

    /// <summary>Of the text before the last rotation; good until <see cref="PreviousUntil"/>.</summary>
    public byte[]? PreviousHash { get; set; }

    public DateTimeOffset? PreviousUntil { get; set; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Expires { get; set; }

    public DateTimeOffset? Revoked { get; set; }

    /// <summary>Empty = all.</summary>
    public string[] AllowedModels { get; set; } = [];

    /// <summary>Limits of the key's own, beside the account's; 0 = none.</summary>
    public int ParallelRequests { get; set; }

    public int RequestsPerMinute { get; set; }

    public int TokensPerMinute { get; set; }

    /// <summary>How <c>auto</c> chooses for this key; empty = as for the account.</summary>
    public string Policy { get; set; } = "";
}
