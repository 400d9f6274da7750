using ComputeShare.Billing.Persistence;
using Npgsql;

namespace ComputeShare.Billing.Ledger;

/// <summary>
/// The consumers of a group, locked until its transaction ends, and what the group changes of their money. Every writer locks accounts
/// first, in the order of their ids, then holds, in the order of theirs; so nobody waits for one who waits for him.
/// </summary>
internal sealed class LockedFunds
{
    private const string LockNamed = "SELECT id, balance, held FROM accounts WHERE kind = 'consumer' AND id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";

    // The subquery brings in the accounts of holds that commands name by request only. An ARRAY, because an OR would read every account.
    private const string Lock = """
        SELECT id, balance, held FROM accounts
        WHERE kind = 'consumer'
            AND id = ANY (ARRAY(SELECT unnest($1) UNION SELECT account_id FROM holds WHERE request_id = ANY ($2)))
        ORDER BY id
        FOR NO KEY UPDATE
        """;

    private const string Update = """
        UPDATE accounts SET balance = accounts.balance + change.balance, held = accounts.held + change.held
        FROM unnest($1, $2, $3) AS change (id, balance, held)
        WHERE accounts.id = change.id
        """;

    private readonly Dictionary<string, Funds> _accounts = new(StringComparer.Ordinal);

    public static NpgsqlBatchCommand LockCommand(IEnumerable<string> accounts) => new(LockNamed)
    {
        Parameters = { Sql.Value(accounts.Distinct().ToArray()) },
    };

    public static NpgsqlBatchCommand LockCommand(IEnumerable<string> accounts, IEnumerable<Guid> requests) => new(Lock)
    {
        Parameters =
        {
            new NpgsqlParameter<string[]> { TypedValue = accounts.Distinct().ToArray() },
            new NpgsqlParameter<Guid[]> { TypedValue = requests.ToArray() },
        },
    };

    public static async Task<LockedFunds> ReadAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        var locked = new LockedFunds();
        while (await rows.ReadAsync(cancellationToken))
        {
            locked.Add(rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2));
        }

        return locked;
    }

    public void Add(string account, long balance, long held) => _accounts.Add(account, new Funds(balance, held));

    /// <summary>Null: no consumer has this id.</summary>
    public Funds? Find(string account) => _accounts.GetValueOrDefault(account);

    /// <summary>Null when the group changes nobody's money.</summary>
    public NpgsqlBatchCommand? UpdateCommand()
    {
        var changed = _accounts.Where(account => account.Value.IsChanged).ToArray();
        return changed.Length == 0
            ? null
            : new NpgsqlBatchCommand(Update)
            {
                Parameters =
                {
                    new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(changed, account => account.Key) },
                    new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(changed, account => account.Value.BalanceChange) },
                    new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(changed, account => account.Value.HeldChange) },
                },
            };
    }
}
