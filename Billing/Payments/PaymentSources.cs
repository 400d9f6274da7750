using ComputeShare.Billing.Persistence;
using Npgsql;

namespace ComputeShare.Billing.Payments;

/// <summary>What accounts pay with or are paid to. A consumer that shares one with a hoster is the hoster's own traffic.</summary>
internal static class PaymentSources
{
    private const string Add = """
        INSERT INTO payment_sources (account_id, source) SELECT a.id, s.source FROM accounts a, unnest($2) AS s (source) WHERE a.id = $1
        ON CONFLICT (account_id, source) DO NOTHING
        """;

    public static Task<int> AddAsync(NpgsqlConnection connection, string accountId, IReadOnlyList<string> sources, CancellationToken cancellationToken) =>
        Sql.ExecuteAsync(connection, Add, cancellationToken, Sql.Value(accountId), Sql.Value(sources.ToArray()));
}
