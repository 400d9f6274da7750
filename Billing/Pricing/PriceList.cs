using System.Collections.Concurrent;
using ComputeShare.Contracts;
using Npgsql;

namespace ComputeShare.Billing.Pricing;

/// <summary>
/// Prices by id. Kept in memory for good: what a price id means never changes, and a price that is no longer offered still settles the
/// requests that hold it. Unknown ids are asked for each time, because another replica may just have made them.
/// </summary>
internal sealed class PriceList(NpgsqlDataSource database)
{
    private const string Select = """
        SELECT p.id, p.node_id, p.model_id, n.hoster_id, h.name, p.input, p.cached_input, p.output
        FROM prices p JOIN nodes n ON n.id = p.node_id JOIN accounts h ON h.id = n.hoster_id
        WHERE p.id = $1
        """;

    private readonly ConcurrentDictionary<string, Price> _known = new(StringComparer.Ordinal);

    /// <summary>Null: no price has this id.</summary>
    public ValueTask<Price?> FindAsync(string priceId, CancellationToken cancellationToken) =>
        _known.TryGetValue(priceId, out var price) ? new(price) : new(ReadAsync(priceId, cancellationToken));

    private async Task<Price?> ReadAsync(string priceId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = priceId });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }

        var perMillion = new TokenPrice(row.GetInt64(5), row.GetInt64(6), row.GetInt64(7));
        var price = new Price(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), perMillion);
        return _known.GetOrAdd(price.Id, price);
    }
}
