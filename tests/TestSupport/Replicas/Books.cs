using System.Text.Json;
using ComputeShare.TestSupport.Processes;
using Npgsql;
using NpgsqlTypes;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>Billing's database, as an auditor reads it.</summary>
internal sealed class Books(string database) : IAsyncDisposable
{
    private const string Bills = """
        SELECT g.request_id, g.amount, g.record::text,
            (SELECT coalesce(-sum(e.amount), 0)::bigint FROM ledger_entries e
             WHERE e.request_id = g.request_id AND e.book = 'consumer:balance'),
            coalesce(sum(s.completion), 0)::bigint,
            coalesce(ceil(sum(s.prompt * p.input + s.cached * p.cached_input + s.completion * p.output) / 1000000), 0)::bigint
        FROM generations g
        LEFT JOIN LATERAL (
            SELECT share->>'priceId' AS price_id, coalesce((share->>'promptTokens')::numeric, 0) AS prompt,
                coalesce((share->>'cachedTokens')::numeric, 0) AS cached, coalesce((share->>'completionTokens')::numeric, 0) AS completion
            FROM jsonb_array_elements(g.shares::jsonb) AS share
        ) s ON true
        LEFT JOIN prices p ON p.id = s.price_id
        WHERE $1 IS NULL OR g.request_id = $1
        GROUP BY g.request_id, g.amount, g.record::text
        """;

    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);

    // Unpooled: a connection from before a restart of PostgreSQL would be handed out once more.
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(database + ";Pooling=false");

    /// <param name="Paid">Nano-dollars that left the consumer.</param>
    /// <param name="Tokens">Completion tokens of all shares.</param>
    /// <param name="Owed">What the shares cost at the prices that they name.</param>
    internal sealed record Bill(long Paid, long Amount, long Tokens, long Owed, string Outcome, long Attempts);

    /// <summary>The bill of a request; waits until it is settled.</summary>
    public async Task<Bill> BillAsync(string requestId, CancellationToken cancellationToken)
    {
        Bill? bill = null;
        await Poll.UntilAsync($"request {requestId} is settled", async () => (bill = await FindAsync(requestId, cancellationToken)) is not null, SettleLimit, cancellationToken);
        return bill!;
    }

    /// <summary>Null: not settled, or never more than asked for.</summary>
    public async Task<Bill?> FindAsync(string requestId, CancellationToken cancellationToken) =>
        (await ReadAsync(Guid.ParseExact(requestId, "N"), cancellationToken)).GetValueOrDefault(requestId);

    /// <summary>All bills there are, by the ids of their requests.</summary>
    public Task<IReadOnlyDictionary<string, Bill>> AllAsync(CancellationToken cancellationToken) => ReadAsync(null, cancellationToken);

    /// <summary>Tokens of the request that this node is paid for; waits until it is settled.</summary>
    public async Task<long> EarnedAsync(string requestId, string nodeId, CancellationToken cancellationToken)
    {
        await BillAsync(requestId, cancellationToken);
        await using var read = _database.CreateCommand(
            """
            SELECT coalesce(sum((s->>'completionTokens')::bigint), 0)::bigint
            FROM generations g, jsonb_array_elements(g.shares::jsonb) s WHERE g.request_id = $1 AND s->>'nodeId' = $2
            """);
        read.Parameters.Add(new NpgsqlParameter { Value = Guid.ParseExact(requestId, "N") });
        read.Parameters.Add(new NpgsqlParameter { Value = nodeId });
        return (long)(await read.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The node that the request's last share is of; waits until it is settled.</summary>
    public async Task<string> NodeOfAsync(string requestId, CancellationToken cancellationToken)
    {
        await BillAsync(requestId, cancellationToken);
        await using var read = _database.CreateCommand("SELECT shares::jsonb->-1->>'nodeId' FROM generations WHERE request_id = $1");
        read.Parameters.Add(new NpgsqlParameter { Value = Guid.ParseExact(requestId, "N") });
        return (string)(await read.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <param name="NodeId">Who delivered.</param>
    /// <param name="Cost">Nano-dollars that the consumer paid.</param>
    internal sealed record Delivery(string NodeId, long PromptTokens, long CompletionTokens, long Cost, bool Bounded);

    /// <summary>What was settled, a row per request with one share.</summary>
    public async Task<IReadOnlyList<Delivery>> DeliveriesAsync(CancellationToken cancellationToken)
    {
        await using var read = _database.CreateCommand("SELECT amount, shares::text, record::text FROM generations WHERE jsonb_array_length(shares) = 1");
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        var deliveries = new List<Delivery>();
        while (await row.ReadAsync(cancellationToken))
        {
            var share = JsonDocument.Parse(row.GetString(1)).RootElement[0];
            var bounded = JsonDocument.Parse(row.GetString(2)).RootElement.TryGetProperty("countsAreBounded", out var flag) && flag.GetBoolean();
            deliveries.Add(new Delivery(
                Text(share, "nodeId"), Number(share, "promptTokens") + Number(share, "cachedTokens"), Number(share, "completionTokens"), row.GetInt64(0), bounded));
        }

        return deliveries;
    }

    /// <param name="Found">Verdicts against the node.</param>
    internal sealed record Comparison(long Counted, long Reported, int Found, bool Barred);

    /// <summary>How nodes' own token counts compare with the gateways', by node.</summary>
    public async Task<IReadOnlyDictionary<string, Comparison>> ComparisonsAsync(CancellationToken cancellationToken)
    {
        await using var read = _database.CreateCommand("SELECT node_id, counted, reported, found, barred IS NOT NULL FROM node_counts");
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        var comparisons = new Dictionary<string, Comparison>();
        while (await row.ReadAsync(cancellationToken))
        {
            comparisons[row.GetString(0)] = new Comparison(row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetBoolean(4));
        }

        return comparisons;
    }

    /// <param name="Found">Verdicts against the node.</param>
    internal sealed record Probing(long Probes, long Compared, long Suspicious, int Found, bool Barred);

    /// <summary>What probes showed, by node.</summary>
    public async Task<IReadOnlyDictionary<string, Probing>> ProbesAsync(CancellationToken cancellationToken)
    {
        await using var read = _database.CreateCommand("SELECT node_id, probes, compared, suspicious, found, barred IS NOT NULL FROM node_probes");
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        var probes = new Dictionary<string, Probing>();
        while (await row.ReadAsync(cancellationToken))
        {
            probes[row.GetString(0)] = new Probing(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt32(4), row.GetBoolean(5));
        }

        return probes;
    }

    public Task<long> CountSettledAsync(CancellationToken cancellationToken) => ScalarAsync("SELECT count(*) FROM generations", cancellationToken);

    /// <summary>Every entry has its counterpart, every balance its entries, and nothing is held any more.</summary>
    public async Task WaitUntilClosedAsync(CancellationToken cancellationToken)
    {
        await Poll.UntilAsync("no hold is left", async () => await CountHoldsAsync(cancellationToken) == 0, SettleLimit, cancellationToken);
        Assert.Equal(0, await SumAsync(cancellationToken));
        Assert.Equal(0, await ScalarAsync(
            "SELECT count(*) FROM (SELECT FROM ledger_entries GROUP BY request_id, kind HAVING sum(amount) <> 0) AS unbalanced", cancellationToken));
        Assert.Equal(0, await ScalarAsync("SELECT coalesce(sum(held), 0)::bigint FROM accounts", cancellationToken));
        Assert.Equal(0, await ScalarAsync(
            """
            SELECT count(*) FROM accounts a WHERE a.kind = 'consumer' AND a.balance <>
                (SELECT coalesce(sum(e.amount), 0) FROM ledger_entries e WHERE e.account_id = a.id AND e.book = 'consumer:balance')
            """,
            cancellationToken));
        Assert.Equal(0, await CountDoubledAsync(cancellationToken));
    }

    public Task<long> CountHoldsAsync(CancellationToken cancellationToken) => ScalarAsync("SELECT count(*) FROM holds", cancellationToken);

    /// <summary>Of all entries: 0, whatever has happened.</summary>
    public Task<long> SumAsync(CancellationToken cancellationToken) =>
        ScalarAsync("SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries", cancellationToken);

    /// <summary>Requests that were settled twice, or that were settled and still hold money.</summary>
    public Task<long> CountDoubledAsync(CancellationToken cancellationToken) => ScalarAsync(
        """
        SELECT (SELECT count(*) FROM (SELECT FROM ledger_transactions GROUP BY request_id, kind HAVING count(*) > 1) AS twice)
            + (SELECT count(*) FROM holds h WHERE EXISTS (SELECT FROM ledger_transactions t WHERE t.request_id = h.request_id))
        """,
        cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<IReadOnlyDictionary<string, Bill>> ReadAsync(Guid? requestId, CancellationToken cancellationToken)
    {
        await using var read = _database.CreateCommand(Bills);
        read.Parameters.Add(new NpgsqlParameter { Value = (object?)requestId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        await using var rows = await read.ExecuteReaderAsync(cancellationToken);
        var bills = new Dictionary<string, Bill>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var kept = JsonDocument.Parse(rows.GetString(2)).RootElement;
            bills[rows.GetGuid(0).ToString("N")] = new Bill(
                rows.GetInt64(3), rows.GetInt64(1), rows.GetInt64(4), rows.GetInt64(5), Text(kept, "outcome"), Number(kept, "attempts"));
        }

        return bills;
    }

    private async Task<long> ScalarAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static string Text(JsonElement value, string name) => value.TryGetProperty(name, out var text) ? text.GetString()! : "";

    // Numbers that are 0 are left out.
    private static long Number(JsonElement value, string name) => value.TryGetProperty(name, out var number) ? number.GetInt64() : 0;
}
