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
    public string Name { get; init; } = "";

    public required byte[] Hash { get; init; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public DateTimeOffset? Revoked { get; set; }

    /// <summary>Empty = all.</summary>
    public string[] AllowedModels { get; init; } = [];
}
