using Npgsql;

namespace ComputeShare.Billing.Idempotency;

/// <summary>Who may speak for the keyed requests of a group, locked until its transaction ends: a take-over waits for it.</summary>
internal sealed class RequestOwners
{
    private readonly Dictionary<Guid, long> _epochs = [];

    public static NpgsqlBatchCommand LockCommand(IEnumerable<Guid> requests) =>
        new(KeyedSql.LockOwners) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = requests.ToArray() } } };

    public static async Task<RequestOwners> ReadAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        var owners = new RequestOwners();
        while (await rows.ReadAsync(cancellationToken))
        {
            owners._epochs[rows.GetGuid(0)] = rows.GetInt64(1);
        }

        return owners;
    }

    /// <summary>A retry has taken the request over from who says this.</summary>
    public bool HasLost(Guid request, uint epoch) => epoch > 0 && epoch < _epochs.GetValueOrDefault(request);
}
