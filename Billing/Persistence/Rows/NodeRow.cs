namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>A node and, for ever, whose it is: prices and old settlements rely on it.</summary>
internal sealed class NodeRow
{
    public required string Id { get; init; }

    public required string HosterId { get; init; }

    public AccountRow? Hoster { get; init; }

    public DateTimeOffset Created { get; init; }
}
