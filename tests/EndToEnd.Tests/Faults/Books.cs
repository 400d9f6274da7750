using System.Text.Json;
using ComputeShare.TestSupport.Processes;
using Npgsql;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>Billing's database, as an auditor reads it.</summary>
internal sealed class Books(string database) : IAsyncDisposable
{
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
    public async Task<Bill?> FindAsync(string requestId, CancellationToken cancellationToken)
    {
        await using var read = _database.CreateCommand(
            """
            SELECT g.amount, g.shares::text, g.record::text,
                (SELECT coalesce(-sum(e.amount), 0)::bigint FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
                 WHERE t.request_id = g.request_id AND e.book = 'consumer:balance')
            FROM generations g WHERE g.request_id = $1
            """);
        read.Parameters.Add(new NpgsqlParameter { Value = Guid.ParseExact(requestId, "N") });
        string shares, record;
        long amount, paid;
        await using (var row = await read.ExecuteReaderAsync(cancellationToken))
        {
            if (!await row.ReadAsync(cancellationToken))
            {
                return null;
            }

            (amount, shares, record, paid) = (row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3));
        }

        var (tokens, owed) = await PriceAsync(JsonDocument.Parse(shares).RootElement, cancellationToken);
        var kept = JsonDocument.Parse(record).RootElement;
        return new Bill(paid, amount, tokens, owed, Text(kept, "outcome"), Number(kept, "attempts"));
    }

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

    public Task<long> CountSettledAsync(CancellationToken cancellationToken) => ScalarAsync("SELECT count(*) FROM generations", cancellationToken);

    /// <summary>Every entry has its counterpart, every balance its entries, and nothing is held any more.</summary>
    public async Task WaitUntilClosedAsync(CancellationToken cancellationToken)
    {
        await Poll.UntilAsync("no hold is left", async () => await ScalarAsync("SELECT count(*) FROM holds", cancellationToken) == 0, SettleLimit, cancellationToken);
        Assert.Equal(0, await ScalarAsync("SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries", cancellationToken));
        Assert.Equal(0, await ScalarAsync(
            "SELECT count(*) FROM (SELECT FROM ledger_entries GROUP BY transaction_id HAVING sum(amount) <> 0) AS unbalanced", cancellationToken));
        Assert.Equal(0, await ScalarAsync("SELECT coalesce(sum(held), 0)::bigint FROM accounts", cancellationToken));
        Assert.Equal(0, await ScalarAsync(
            """
            SELECT count(*) FROM accounts a WHERE a.kind = 'consumer' AND a.balance <>
                (SELECT coalesce(sum(e.amount), 0) FROM ledger_entries e WHERE e.account_id = a.id AND e.book = 'consumer:balance')
            """,
            cancellationToken));
        Assert.Equal(0, await ScalarAsync(
            "SELECT count(*) FROM (SELECT FROM ledger_transactions GROUP BY request_id, kind HAVING count(*) > 1) AS twice", cancellationToken));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task<(long Tokens, long Owed)> PriceAsync(JsonElement shares, CancellationToken cancellationToken)
    {
        var (tokens, nanos) = (0L, Int128.Zero);
        foreach (var share in shares.EnumerateArray())
        {
            await using var read = _database.CreateCommand("SELECT input, cached_input, output FROM prices WHERE id = $1");
            read.Parameters.Add(new NpgsqlParameter { Value = Text(share, "priceId") });
            await using var price = await read.ExecuteReaderAsync(cancellationToken);
            Assert.True(await price.ReadAsync(cancellationToken));
            tokens += Number(share, "completionTokens");
            nanos += ((Int128)Number(share, "promptTokens") * price.GetInt64(0))
                + ((Int128)Number(share, "cachedTokens") * price.GetInt64(1))
                + ((Int128)Number(share, "completionTokens") * price.GetInt64(2));
        }

        return (tokens, (long)((nanos + 999_999) / 1_000_000));
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
