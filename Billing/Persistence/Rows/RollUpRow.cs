namespace ComputeShare.Billing.Persistence.Rows;

/// <summary>The one row that says up to which moment transactions are rolled up. Its lock lets one roll-up run at a time.</summary>
internal sealed class RollUpRow
{
    public int Id { get; init; }

    public DateTimeOffset Through { get; init; }
}
