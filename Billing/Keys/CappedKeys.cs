using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Keys;

/// <summary>Those keys of a group that have spend caps. Read after their accounts were locked.</summary>
internal sealed class CappedKeys
{
    private readonly Dictionary<string, KeyCaps> _keys = new(StringComparer.Ordinal);

    public static NpgsqlBatchCommand ReadCommand(IEnumerable<string> keys) => new(SpendCapSql.Read)
    {
        Parameters = { new NpgsqlParameter<string[]> { TypedValue = keys.Distinct().ToArray() } },
    };

    public static async Task<CappedKeys> ReadAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        var read = new CappedKeys();
        while (await rows.ReadAsync(cancellationToken))
        {
            var resetsIn = await rows.IsDBNullAsync(6, cancellationToken) ? (TimeSpan?)null : TimeSpan.FromMilliseconds(rows.GetInt64(6));
            var cap = new CapState(new Money(rows.GetInt64(2)), new Money(rows.GetInt64(3)), resetsIn);
            read.Add(rows.GetString(0), new Money(rows.GetInt64(4)), cap);
        }

        return read;
    }

    public void Add(string key, Money held, CapState cap)
    {
        if (!_keys.TryGetValue(key, out var caps))
        {
            _keys.Add(key, caps = new KeyCaps(held));
        }

        caps.Add(cap);
    }

    /// <summary>Null: the key has no cap.</summary>
    public KeyCaps? Find(string key) => _keys.GetValueOrDefault(key);
}
